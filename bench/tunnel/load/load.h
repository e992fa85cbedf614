/*
 * What the load programs share: one clock, connections to a place that is told in numbers, one way to end. Each that stays says
 * the line "ready" once it does what it is for, and ends at SIGTERM; what it measured it tells at its end in one line of JSON.
 */
#ifndef LOAD_H
#define LOAD_H

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { NANOS = 1000000000, MICRO = 1000, MESSAGE = 64 };

static inline int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * NANOS + time.tv_nsec;
}

static inline struct sockaddr_in place(const char *address, const char *port) {
  struct sockaddr_in result = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
  if (inet_pton(AF_INET, address, &result.sin_addr) != 1) errx(2, "%s is no IPv4 address", address);
  return result;
}

static inline int new_socket(int flags) {
  int opened = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  if (opened < 0) err(1, "socket");
  int on = 1;
  setsockopt(opened, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return opened;
}

static inline void watch(int poll, int socket, uint32_t events, uint64_t about) {
  struct epoll_event event = {.events = events, .data.u64 = about};
  if (epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event) != 0) err(1, "epoll");
}

/* What measures goes first where it may, and its timers are exact: a late generator would look like a slow tunnel. */
static inline void be_punctual(void) {
  struct sched_param first = {.sched_priority = 1};
  sched_setscheduler(0, SCHED_FIFO, &first);
  prctl(PR_SET_TIMERSLACK, 1);
}

static inline void raise_file_limit(void) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

static volatile sig_atomic_t is_over;

static inline void on_end(int number) {
  (void)number;
  is_over = 1;
}

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
