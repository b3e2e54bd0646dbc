/* What a Sentry without privileges needs of the network that it is in. */
#ifndef GVJ_NETWORK_H
#define GVJ_NETWORK_H

/* The host's own, asked for by name: the Sentry keeps the capability to have its low ports, as nothing else opens them. */
void network_of_host(void);

struct json;
/*
 * Settings of the namespace that this process is in, which must not be the host's: those of config.json's linux.sysctl that
 * begin with "net.", and what lets a Sentry without privileges have low ports and ping; who in the sandbox may is the Sentry's
 * to say. Fails with a sentence.
 */
void network_settings(const struct json *sysctl);

#endif
