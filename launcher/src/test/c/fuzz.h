/* Random text for the launcher's readers. */
#ifndef GVJ_FUZZ_H
#define GVJ_FUZZ_H

/* How many texts ended neither with a tree nor with a sentence; anything worse the sanitizers tell. */
int fuzz(void);

#endif
