/* A disk that fails, for one database: preloaded before the C library, it counts every write and fsync of the files
 * whose names begin with a prefix, and from a given one on makes them fail, or cuts the power.
 *
 * A power cut takes back what was written since each file's last fsync, all of it or a random half, and ends the
 * process. Names and lengths of files are taken to be kept, as journalling file systems do after a rename or a close.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define POWER_CUT (-1)
#define ONCE 0
#define LASTING 1

typedef ssize_t (*pwrite_fn)(int, const void *, size_t, off_t);
typedef ssize_t (*pread_fn)(int, void *, size_t, off_t);
typedef ssize_t (*write_fn)(int, const void *, size_t);
typedef int (*sync_fn)(int);
typedef int (*truncate_fn)(int, off_t);

/* what a range of a file held before it was written, until an fsync of the file */
struct undo {
  struct undo *before;
  char path[512];
  off_t offset, size;
  ssize_t length;
  char *bytes;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char prefix[512];
static long passed, fail_at;
static int armed, error_number, how;
static unsigned long chance;
static struct undo *newest;

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

/* Begin to count. From the `at`th call on (0: never), once or for ever, fail with `error`; -1 cuts the power, where
 * `mode` is 0 to lose all that no fsync kept, or the seed of what is lost. */
void failing_disk_arm(const char *files, long at, int error, int mode) {
  pthread_mutex_lock(&lock);
  snprintf(prefix, sizeof prefix, "%s", files);
  passed = 0, fail_at = at, error_number = error, how = mode;
  chance = 88172645463325252UL ^ ((unsigned long)mode * 2654435761UL);
  armed = 1;
  pthread_mutex_unlock(&lock);
}

/* How many calls have been counted; the disk is well again afterwards. */
long failing_disk_disarm(void) {
  armed = 0;
  return passed;
}

static int ours(int fd, char *path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, size - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strncmp(path, prefix, strlen(prefix)) == 0;
}

static int is_kept(void) {
  if (how == 0) return 0;
  chance ^= chance << 13, chance ^= chance >> 7, chance ^= chance << 17;
  return (int)(chance & 1);
}

static void cut_the_power(void) {
  for (struct undo *one = newest; one; one = one->before) {
    int fd = is_kept() ? -1 : open(one->path, O_RDWR);
    if (fd < 0) continue;
    ssize_t done = one->length ? ((pwrite_fn)next("pwrite64"))(fd, one->bytes, one->length, one->offset) : 0;
    if (done != one->length || ((truncate_fn)next("ftruncate64"))(fd, one->size)) _exit(99);
    close(fd);
  }
  _exit(137);
}

/* Count a call; true if it is to fail, with errno set. Does not return where the power is cut. */
static int fails(int fd, char *path, size_t size) {
  if (!armed || !ours(fd, path, size)) return 0;
  pthread_mutex_lock(&lock);
  long number = ++passed;
  int due = fail_at && (number == fail_at || (number > fail_at && error_number != POWER_CUT && how == LASTING));
  if (due && error_number == POWER_CUT) cut_the_power();
  pthread_mutex_unlock(&lock);
  if (due) errno = error_number;
  return due;
}

static void remember(int fd, const char *path, off_t offset, size_t length) {
  struct stat now;
  if (error_number != POWER_CUT || !*path || fstat(fd, &now)) return;
  struct undo *one = calloc(1, sizeof *one);
  snprintf(one->path, sizeof one->path, "%s", path);
  one->offset = offset, one->size = now.st_size, one->bytes = malloc(length ? length : 1);
  one->length = ((pread_fn)next("pread64"))(fd, one->bytes, length, offset);
  if (one->length < 0) one->length = 0;
  pthread_mutex_lock(&lock);
  one->before = newest, newest = one;
  pthread_mutex_unlock(&lock);
}

static void forget(const char *path) {
  pthread_mutex_lock(&lock);
  for (struct undo **at = &newest; *at;) {
    struct undo *one = *at;
    if (strcmp(one->path, path)) {
      at = &one->before;
      continue;
    }
    *at = one->before;
    free(one->bytes), free(one);
  }
  pthread_mutex_unlock(&lock);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
  char path[512] = "";
  if (fails(fd, path, sizeof path)) return -1;
  if (armed && strncmp(path, prefix, strlen(prefix)) == 0) remember(fd, path, offset, length);
  return ((pwrite_fn)next("pwrite64"))(fd, bytes, length, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

ssize_t write(int fd, const void *bytes, size_t length) {
  char path[512] = "";
  if (fails(fd, path, sizeof path)) return -1;
  if (armed && strncmp(path, prefix, strlen(prefix)) == 0) remember(fd, path, lseek(fd, 0, SEEK_CUR), length);
  return ((write_fn)next("write"))(fd, bytes, length);
}

int ftruncate64(int fd, off_t size) {
  char path[512] = "";
  struct stat now;
  if (fails(fd, path, sizeof path)) return -1;
  if (armed && strncmp(path, prefix, strlen(prefix)) == 0 && !fstat(fd, &now))
    remember(fd, path, size, now.st_size > size ? (size_t)(now.st_size - size) : 0);
  return ((truncate_fn)next("ftruncate64"))(fd, size);
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int synced(int fd, const char *name) {
  char path[512] = "";
  if (fails(fd, path, sizeof path)) return -1;
  int result = ((sync_fn)next(name))(fd);
  if (armed && result == 0) forget(path);
  return result;
}

int fsync(int fd) { return synced(fd, "fsync"); }

int fdatasync(int fd) { return synced(fd, "fdatasync"); }
