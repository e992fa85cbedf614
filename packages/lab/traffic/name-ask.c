/*
 * Looks a name up at a steady rate, whether or not earlier look-ups have ended, and keeps when each was answered and by which
 * server. Its own client reads /etc/resolv.conf anew for every try, asks the next server there after --retry, and takes
 * whichever answer comes first; with --library the C library does it, as it is set up, by DNS alone.
 */
#include "traffic.h"
#include <netinet/in.h>
#include <nss.h>
#include <poll.h>
#include <pthread.h>

enum { MOST_TRIES = 32, MOST_SERVERS = 8, HEADER = 12 };

static const char *name;
static int64_t retry = 200000000;
static int is_by_library;
static struct record answers;
static uint64_t failed;
static int64_t longest_failure;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int read_servers(struct sockaddr_storage servers[MOST_SERVERS], socklen_t lengths[MOST_SERVERS]) {
  FILE *file = fopen("/etc/resolv.conf", "re");
  char line[512], address[128];
  int count = 0;
  while (file != NULL && count < MOST_SERVERS && fgets(line, sizeof line, file) != NULL) {
    if (sscanf(line, "nameserver %127s", address) == 1) {
      servers[count] = endpoint(address, "53", &lengths[count]);
      count += 1;
    }
  }
  if (file != NULL) fclose(file);
  return count;
}

/* RFC 1035 section 4.1: one question for an A record, recursion desired. */
static size_t write_query(uint8_t octets[512], uint16_t id) {
  const uint8_t header[HEADER] = {id >> 8, id & 255, 1, 0, 0, 1};
  memcpy(octets, header, HEADER);
  size_t at = HEADER;
  for (const char *label = name; *label != 0;) {
    size_t length = strcspn(label, ".");
    octets[at] = length;
    memcpy(octets + at + 1, label, length);
    at += 1 + length;
    label += length + (label[length] == '.');
  }
  const uint8_t end[] = {0, 0, 1, 0, 1};
  memcpy(octets + at, end, sizeof end);
  return at + sizeof end;
}

/* A socket that has asked, or -1. */
static int ask(int try, uint16_t id, uint8_t server[16]) {
  struct sockaddr_storage servers[MOST_SERVERS];
  socklen_t lengths[MOST_SERVERS];
  int count = read_servers(servers, lengths);
  if (count == 0) return -1;
  struct sockaddr_storage *to = &servers[try % count];
  if (to->ss_family == AF_INET) mapped(((struct sockaddr_in *)to)->sin_addr, server);
  else memcpy(server, &((struct sockaddr_in6 *)to)->sin6_addr, 16);
  int opened = socket(to->ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (opened < 0) return -1;
  uint8_t octets[512];
  size_t length = write_query(octets, id);
  if (connect(opened, (struct sockaddr *)to, lengths[try % count]) == 0 && send(opened, octets, length, 0) >= 0) return opened;
  close(opened);
  return -1;
}

/* The try that was answered, or -1 when the time is over. */
static int await_answer(struct pollfd sockets[], int tries, uint16_t id, int64_t until) {
  for (int64_t left; (left = until - now()) > 0;) {
    struct timespec time = {.tv_sec = left / NANOS, .tv_nsec = left % NANOS};
    if (ppoll(sockets, tries, &time, NULL) <= 0) continue;
    for (int try = 0; try < tries; try += 1) {
      uint8_t octets[512];
      if (sockets[try].revents == 0) continue;
      ssize_t length = recv(sockets[try].fd, octets, sizeof octets, 0);
      if (length >= HEADER && (octets[0] << 8 | octets[1]) == id && octets[2] >> 7) return try;
      // A refusal or a socket that was ended: nothing comes of it any more.
      if (length < 0 && errno != EAGAIN) {
        close(sockets[try].fd);
        sockets[try].fd = -1;
      }
    }
  }
  return -1;
}

static int look_up(uint16_t id, uint8_t server[16]) {
  struct pollfd sockets[MOST_TRIES];
  uint8_t asked[MOST_TRIES][16];
  int64_t start = now();
  int answered = -1, tries = 0;
  while (answered < 0 && tries < MOST_TRIES && !is_over) {
    sockets[tries] = (struct pollfd){.fd = ask(tries, id, asked[tries]), .events = POLLIN};
    tries += 1;
    answered = await_answer(sockets, tries, id, start + tries * retry);
  }
  for (int try = 0; try < tries; try += 1) if (sockets[try].fd >= 0) close(sockets[try].fd);
  if (answered >= 0) memcpy(server, asked[answered], 16);
  return answered >= 0;
}

/* That a name does not exist is an answer as well. */
static int look_up_by_library(void) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM}, *found;
  int failure = getaddrinfo(name, NULL, &hints, &found);
  if (failure == 0) freeaddrinfo(found);
  return failure == 0 || failure == EAI_NONAME;
}

static void *work(void *argument) {
  struct question question = *(struct question *)argument;
  free(argument);
  uint8_t server[16] = {0};
  int is_answered = is_by_library ? look_up_by_library() : look_up(question.sequence, server);
  int64_t arrived = now();
  pthread_mutex_lock(&lock);
  if (is_answered) keep(&answers, question, arrived, server);
  else {
    failed += 1;
    if (arrived - question.sent > longest_failure) longest_failure = arrived - question.sent;
  }
  pthread_mutex_unlock(&lock);
  return NULL;
}

static void begin(uint64_t sequence) {
  struct question *question = malloc(sizeof *question);
  if (question == NULL) err(1, "memory");
  *question = (struct question){.sequence = sequence, .sent = now()};
  pthread_t thread;
  if (pthread_create(&thread, NULL, work, question) != 0) errx(1, "no thread");
  pthread_detach(thread);
}

int main(int argc, char **argv) {
  static const struct option options[] = {
      {"name", 1, 0, 'n'}, {"rate", 1, 0, 'r'}, {"retry", 1, 0, 'w'}, {"library", 0, 0, 'l'}, {0}};
  int64_t rate = 10;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    switch (option) {
    case 'n': name = optarg; break;
    case 'r': rate = atoll(optarg); break;
    case 'w': retry = atoll(optarg) * 1000000; break;
    case 'l': is_by_library = 1; break;
    default: exit(2);
    }
  }
  if (name == NULL || rate < 1 || strlen(name) > 255)
    errx(2, "--name NAME [--rate N] [--retry MILLISECONDS] [--library]");
  // What /etc/hosts knows would be asked of nobody.
  if (is_by_library && __nss_configure_lookup("hosts", "dns") != 0) errx(1, "the C library does not look up by DNS alone");
  end_at_sigterm();
  be_punctual();
  say_ready();
  int64_t start = now();
  uint64_t sequence = 0;
  for (; !is_over; sequence += 1) {
    sleep_until(start + (int64_t)sequence * NANOS / rate);
    if (is_over) break;
    begin(sequence);
  }
  pthread_mutex_lock(&lock);
  printf("{\"asked\":%lu,\"records\":%zu,\"failed\":%lu,\"longest_failure\":\"%ld\"}\n", sequence, answers.count, failed,
         longest_failure);
  tell(&answers);
  exit(0);
}
