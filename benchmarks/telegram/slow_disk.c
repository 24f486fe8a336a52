/* A disk whose every fsync takes 8 ms longer: preloaded before the C library. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>

#define LONGER_MICROSECONDS 8000

typedef int (*sync_fn)(int);

static int slowly(const char *name, int fd) {
  int result = ((sync_fn)dlsym(RTLD_NEXT, name))(fd);
  usleep(LONGER_MICROSECONDS);
  return result;
}

int fsync(int fd) { return slowly("fsync", fd); }
int fdatasync(int fd) { return slowly("fdatasync", fd); }
