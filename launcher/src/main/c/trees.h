/* The host trees that a gofer serves: opened here, with the caller's rights, and sent to it over a socket. */
#ifndef GVJ_TREES_H
#define GVJ_TREES_H
#include <stddef.h>

enum tree_access {
    TREE_READ,  /* "ro" */
    TREE_WRITE, /* "rw" */
    TREE_UPPER, /* "up", "uk": a directory that is made now, empty, for the upper layer of an overlay; "up" goes with the sandbox */
    TREE_NONE   /* not one of these words */
};

enum tree_access tree_access(const char *word); /* of two letters; whatever follows is not looked at */

/*
 * Opens, sends and closes the trees of a list "ro|rw|up|uk SP path NUL" and so on, of `length` bytes, without ever holding more
 * than a packet's descriptors; then ends the list. 0, or -1 with errno, and *failed is the path that could not be opened
 * (NULL if it was the sending).
 */
int trees_serve(int socket, const char *list, size_t length, const char **failed);

/* Removes an upper layer: everything below `path` on its file system, without following symbolic links. 0, or -1 with errno. */
int tree_remove(const char *path);

/* The sandbox has ended: removes the "up" trees of a list as trees_serve got it, and says so if it cannot. */
void trees_end_uppers(const char *list, size_t length);

#endif
