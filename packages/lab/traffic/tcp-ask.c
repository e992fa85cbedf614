/*
 * Asks an echo server over TCP at a steady rate and keeps when each answer came. A connection that fails, or with --patience
 * gives no answer for so long, is left for a new one; questions go on meanwhile, as those of a person who clicks again.
 */
#include "traffic.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

static struct record answers;
static uint64_t reconnects, connects;
static int stream = -1;
static int64_t last_sign;
static char half[sizeof(struct question)];
static size_t half_length;

static void leave(void) {
  if (stream >= 0) close(stream);
  stream = -1;
  reconnects += 1;
}

static void open_stream(const struct sockaddr_storage *to, socklen_t length) {
  int on = 1;
  stream = socket(to->ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (stream < 0) err(1, "socket");
  setsockopt(stream, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  half_length = 0;
  last_sign = now();
  connects += 1;
  if (connect(stream, (const struct sockaddr *)to, length) != 0 && errno != EINPROGRESS) leave();
}

static void hear(const uint8_t address[16]) {
  while (stream >= 0) {
    ssize_t length = recv(stream, half + half_length, sizeof half - half_length, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN)) return;
    if (length <= 0) return leave();
    last_sign = now();
    half_length += length;
    if (half_length < sizeof half) continue;
    half_length = 0;
    struct question question;
    memcpy(&question, half, sizeof question);
    keep(&answers, question, last_sign, address);
  }
}

/* A question that does not go whole is one that was not asked. */
static void ask(uint64_t sequence) {
  struct question question = {.sequence = sequence, .sent = now()};
  ssize_t sent = send(stream, &question, sizeof question, MSG_DONTWAIT | MSG_NOSIGNAL);
  int is_waiting = sent < 0 && (errno == EAGAIN || errno == ENOTCONN);
  if (!is_waiting && sent != (ssize_t)sizeof question) leave();
}

static void run(const struct sockaddr_storage *to, socklen_t length, int64_t rate, int64_t patience) {
  uint8_t address[16] = {0};
  int64_t start = now();
  for (uint64_t sequence = 0; !is_over; sequence += 1) {
    int64_t next = start + (int64_t)sequence * NANOS / rate;
    for (int64_t left; (left = next - now()) > 0 && !is_over;) {
      struct pollfd wait = {.fd = stream, .events = POLLIN};
      struct timespec time = {.tv_sec = left / NANOS, .tv_nsec = left % NANOS};
      if (ppoll(&wait, 1, &time, NULL) > 0) hear(address);
    }
    if (stream >= 0 && patience > 0 && now() - last_sign > patience) leave();
    if (stream < 0) open_stream(to, length);
    if (stream >= 0) ask(sequence);
  }
}

int main(int argc, char **argv) {
  static const struct option options[] = {
      {"to", 1, 0, 't'}, {"port", 1, 0, 'p'}, {"rate", 1, 0, 'r'}, {"patience", 1, 0, 'w'}, {0}};
  const char *to = NULL, *port = NULL;
  int64_t rate = 50, patience_ms = 0;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    switch (option) {
    case 't': to = optarg; break;
    case 'p': port = optarg; break;
    case 'r': rate = atoll(optarg); break;
    case 'w': patience_ms = atoll(optarg); break;
    default: exit(2);
    }
  }
  if (to == NULL || port == NULL || rate < 1) errx(2, "--to ADDRESS --port PORT [--rate N] [--patience MILLISECONDS]");
  socklen_t length;
  struct sockaddr_storage far = endpoint(to, port, &length);
  end_at_sigterm();
  be_punctual();
  say_ready();
  run(&far, length, rate, patience_ms * 1000000);
  printf("{\"records\":%zu,\"connections\":%lu,\"failed\":%lu}\n", answers.count, connects, reconnects);
  tell(&answers);
  return 0;
}
