/*
 * One end of one TCP connection that does what it is told, a line each, and says exactly what the kernel answered: a runtime
 * with streams of its own would take a reset for an end. What is sent is counted up, so that what comes can be checked.
 *
 *   listen             listening PORT
 *   accept             accepted | failed ERROR
 *   connect HOST PORT  connected | failed ERROR
 *   send N             sent | failed ERROR
 *   receive N          received COUNT [end | ERROR], as many as N, or until there are no more
 *   finish             done: FIN
 *   reset              done: RST
 *   close              done
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 65536, PATIENCE_SECONDS = 10 };

static int listening = -1, connection = -1;
static uint64_t sent, received;
static uint8_t chunk[CHUNK];

/* The octet at an offset; neighbours differ, and so do places that lie a chunk apart. */
static uint8_t octet_at(uint64_t offset) { return (uint8_t)(offset * 7 + offset / 251 + offset / 65536); }

static void say_error(const char *what) {
  const char *name = errno == EAGAIN ? "nothing" : strerrorname_np(errno);
  printf("%s %s\n", what, name == NULL ? "unknown" : name);
}

static void take(int opened) {
  struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
  setsockopt(opened, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(opened, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  connection = opened;
  sent = received = 0;
}

static void do_listen(void) {
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof own;
  struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
  listening = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listening, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (bind(listening, (struct sockaddr *)&own, length) != 0 || listen(listening, 16) != 0) err(1, "listen");
  if (getsockname(listening, (struct sockaddr *)&own, &length) != 0) err(1, "getsockname");
  printf("listening %d\n", ntohs(own.sin_port));
}

static void do_accept(void) {
  int opened = accept(listening, NULL, NULL);
  if (opened < 0) {
    say_error("failed");
    return;
  }
  take(opened);
  printf("accepted\n");
}

static void do_connect(const char *host, int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (inet_pton(AF_INET, host, &to.sin_addr) != 1) errx(2, "%s is no address", host);
  int opened = socket(AF_INET, SOCK_STREAM, 0);
  take(opened);
  if (connect(opened, (struct sockaddr *)&to, sizeof to) != 0) say_error("failed");
  else printf("connected\n");
}

static void do_send(uint64_t count) {
  for (uint64_t left = count; left > 0;) {
    size_t part = left < CHUNK ? left : CHUNK;
    for (size_t index = 0; index < part; index++) chunk[index] = octet_at(sent + index);
    ssize_t written = send(connection, chunk, part, MSG_NOSIGNAL);
    if (written < 0) {
      say_error("failed");
      return;
    }
    sent += written;
    left -= written;
  }
  printf("sent\n");
}

static void do_receive(uint64_t most) {
  uint64_t count = 0;
  while (count < most) {
    size_t part = most - count < CHUNK ? most - count : CHUNK;
    ssize_t came = recv(connection, chunk, part, 0);
    if (came <= 0) {
      printf("received %lu ", count);
      if (came == 0) printf("end\n");
      else say_error("by");
      return;
    }
    for (ssize_t index = 0; index < came; index++) {
      if (chunk[index] == octet_at(received + index)) continue;
      printf("received a wrong octet at %lu\n", received + index);
      return;
    }
    received += came;
    count += came;
  }
  printf("received %lu\n", count);
}

static void do_reset(void) {
  struct linger none = {.l_onoff = 1, .l_linger = 0};
  setsockopt(connection, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  close(connection);
  printf("done\n");
}

int main(void) {
  char line[128], host[64];
  unsigned long number;
  int port;
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (strcmp(line, "listen\n") == 0) do_listen();
    else if (strcmp(line, "accept\n") == 0) do_accept();
    else if (sscanf(line, "connect %63s %d", host, &port) == 2) do_connect(host, port);
    else if (sscanf(line, "send %lu", &number) == 1) do_send(number);
    else if (sscanf(line, "receive %lu", &number) == 1) do_receive(number);
    else if (strcmp(line, "finish\n") == 0) printf("%s\n", shutdown(connection, SHUT_WR) == 0 ? "done" : "failed");
    else if (strcmp(line, "reset\n") == 0) do_reset();
    else if (strcmp(line, "close\n") == 0) printf("%s\n", close(connection) == 0 ? "done" : "failed");
    else errx(2, "what is %s", line);
  }
  return 0;
}
