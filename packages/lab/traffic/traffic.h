/*
 * What the traffic programs share: one clock, one record of a packet, one way to end. Each speaks first with the line
 * "ready", says "from ADDRESS TIME" when packets begin to come from or at another address, with --live "packet NUMBER SENT
 * ARRIVED" of each, and ends at SIGTERM with one line of JSON and the packets that it kept.
 */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { NANOS = 1000000000, MOST_OCTETS = 1472, MOST_CONNECTIONS = 20000 };

/* The first octets of every datagram, and of every question on a stream; in this machine's own byte order. */
struct question {
  uint64_t sequence;
  int64_t sent;
};

/* What is kept of a packet that came. An IPv4 address is written as IPv6 maps it (RFC 4291 section 2.5.5.2). */
struct arrival {
  struct question question;
  int64_t arrived;
  uint8_t address[16];
};

struct record {
  struct arrival *arrivals;
  size_t count, room;
  /* Of the last one. */
  uint8_t address[16];
};

/* CLOCK_MONOTONIC: the clock of every process of the machine, and of Node's process.hrtime. */
static inline int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * NANOS + time.tv_nsec;
}

static inline void sleep_until(int64_t moment) {
  struct timespec time = {.tv_sec = moment / NANOS, .tv_nsec = moment % NANOS};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

/* Said at once, so that whoever waits for a change of way need not wait for the end. */
static inline void say_address(const uint8_t address[16], int64_t arrived) {
  static const uint8_t mapping[12] = {[10] = 0xff, 0xff};
  char text[INET6_ADDRSTRLEN];
  int is_mapped = memcmp(address, mapping, sizeof mapping) == 0;
  inet_ntop(is_mapped ? AF_INET : AF_INET6, is_mapped ? address + 12 : address, text, sizeof text);
  printf("from %s %ld\n", text, arrived);
  fflush(stdout);
}

static int is_live;

static inline void keep(struct record *record, struct question question, int64_t arrived, const uint8_t address[16]) {
  if (record->count == 0 || memcmp(record->address, address, sizeof record->address) != 0) say_address(address, arrived);
  memcpy(record->address, address, sizeof record->address);
  if (is_live) {
    printf("packet %lu %ld %ld\n", question.sequence, question.sent, arrived);
    fflush(stdout);
  }
  if (record->count == record->room) {
    record->room = record->room == 0 ? 65536 : record->room * 2;
    record->arrivals = realloc(record->arrivals, record->room * sizeof *record->arrivals);
    if (record->arrivals == NULL) errx(1, "no memory for %zu packets", record->room);
  }
  struct arrival *arrival = &record->arrivals[record->count++];
  arrival->question = question;
  arrival->arrived = arrived;
  memcpy(arrival->address, address, sizeof arrival->address);
}

/* The records follow the line that tells how many they are. */
static inline void tell(const struct record *record) {
  fwrite(record->arrivals, sizeof *record->arrivals, record->count, stdout);
  if (fflush(stdout) != 0) err(1, "standard output");
}

static inline void mapped(struct in_addr address, uint8_t bytes[16]) {
  memset(bytes, 0, 10);
  memset(bytes + 10, 0xff, 2);
  memcpy(bytes + 12, &address, 4);
}

/* Only numbers: a name would have to be asked for. */
static inline struct sockaddr_storage endpoint(const char *address, const char *port, socklen_t *length) {
  struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM}, *found;
  int failure = getaddrinfo(address, port, &hints, &found);
  if (failure != 0) errx(2, "address %s, port %s: %s", address, port, gai_strerror(failure));
  struct sockaddr_storage result = {0};
  memcpy(&result, found->ai_addr, found->ai_addrlen);
  *length = found->ai_addrlen;
  freeaddrinfo(found);
  return result;
}

static inline void bind_to(int socket, const char *address, const char *port) {
  socklen_t length;
  struct sockaddr_storage local = endpoint(address, port, &length);
  if (bind(socket, (struct sockaddr *)&local, length) != 0) err(1, "bind to %s, port %s", address, port);
}

/* What measures goes first where it may, and its timers are exact: a late sender would look like a gap on the line. */
static inline void be_punctual(void) {
  struct sched_param first = {.sched_priority = 1};
  sched_setscheduler(0, SCHED_FIFO, &first);
  prctl(PR_SET_TIMERSLACK, 1);
}

static inline void raise_file_limit(void) {
  struct rlimit files = {65536, 65536};
  setrlimit(RLIMIT_NOFILE, &files);
}

static volatile sig_atomic_t is_over;

static inline void on_end(int number) {
  (void)number;
  is_over = 1;
}

/* Interrupts whatever waits: SIGTERM ends the program's loop, not the program. */
static inline void end_at_sigterm(void) {
  struct sigaction action = {.sa_handler = on_end};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  signal(SIGPIPE, SIG_IGN);
}

static inline void say_ready(void) {
  printf("ready\n");
  fflush(stdout);
}

#endif
