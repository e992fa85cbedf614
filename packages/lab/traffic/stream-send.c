/*
 * Sends numbered datagrams at a steady rate, and with --replies keeps what is echoed. The socket is bound to nothing unless
 * asked: the kernel picks route and source for each datagram. One that cannot be sent has had its number.
 */
#include "traffic.h"
#include <netinet/in.h>
#include <pthread.h>

struct plan {
  const char *to, *port, *from;
  int64_t rate, count, size;
  int is_connected, wants_replies;
};

static struct record replies;
static uint64_t failures[256];

static struct plan parse(int argc, char **argv) {
  static const struct option options[] = {
      {"to", 1, 0, 't'},    {"port", 1, 0, 'p'}, {"from", 1, 0, 'f'},    {"rate", 1, 0, 'r'}, {"count", 1, 0, 'n'},
      {"size", 1, 0, 's'}, {"connect", 0, 0, 'c'}, {"replies", 0, 0, 'e'},
      {"live", 0, 0, 'l'}, {0}};
  struct plan plan = {.rate = 1000, .count = INT64_MAX, .size = sizeof(struct question)};
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    switch (option) {
    case 't': plan.to = optarg; break;
    case 'p': plan.port = optarg; break;
    case 'f': plan.from = optarg; break;
    case 'r': plan.rate = atoll(optarg); break;
    case 'n': plan.count = atoll(optarg); break;
    case 's': plan.size = atoll(optarg); break;
    case 'c': plan.is_connected = 1; break;
    case 'e': plan.wants_replies = 1; break;
    case 'l': is_live = 1; break;
    default: exit(2);
    }
  }
  int is_sized = plan.size >= (int64_t)sizeof(struct question) && plan.size <= MOST_OCTETS;
  if (plan.to == NULL || plan.port == NULL || plan.rate < 1 || !is_sized)
    errx(2, "--to ADDRESS --port PORT [--from ADDRESS] [--rate N] [--count N] [--size 16...%d] [--connect] [--replies] [--live]",
         MOST_OCTETS);
  return plan;
}

/* The address at which a reply came in tells by which uplink it did. */
static void local_address(struct msghdr *message, uint8_t address[16]) {
  memset(address, 0, 16);
  for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
    if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO)
      mapped(((struct in_pktinfo *)CMSG_DATA(part))->ipi_addr, address);
    if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO)
      memcpy(address, &((struct in6_pktinfo *)CMSG_DATA(part))->ipi6_addr, 16);
  }
}

static void *listen_for_replies(void *argument) {
  int socket = *(int *)argument;
  be_punctual();
  while (!is_over) {
    char octets[MOST_OCTETS];
    char control[128];
    struct iovec place = {octets, sizeof octets};
    struct msghdr message = {.msg_iov = &place, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t length = recvmsg(socket, &message, 0);
    int64_t arrived = now();
    if (length < (ssize_t)sizeof(struct question)) continue;
    uint8_t address[16];
    local_address(&message, address);
    struct question question;
    memcpy(&question, octets, sizeof question);
    keep(&replies, question, arrived, address);
  }
  return NULL;
}

static int open_socket(const struct plan *plan, const struct sockaddr_storage *to, socklen_t length) {
  int opened = socket(to->ss_family, SOCK_DGRAM, 0);
  if (opened < 0) err(1, "socket");
  int on = 1;
  struct timeval patience = {.tv_usec = 20000};
  setsockopt(opened, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (to->ss_family == AF_INET) setsockopt(opened, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
  else setsockopt(opened, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
  if (plan->from != NULL) bind_to(opened, plan->from, "0");
  if (plan->is_connected && connect(opened, (const struct sockaddr *)to, length) != 0) err(1, "connect to %s", plan->to);
  return opened;
}

/* As an application does whose socket was ended: it asks for its route again. */
static void fail(const struct plan *plan, int socket, const struct sockaddr_storage *to, socklen_t length) {
  failures[errno & 255] += 1;
  if (plan->is_connected) connect(socket, (const struct sockaddr *)to, length);
}

static uint64_t run(const struct plan *plan, int socket, const struct sockaddr_storage *to, socklen_t length) {
  char octets[MOST_OCTETS] = {0};
  int64_t start = now();
  int64_t number = 0;
  for (; number < plan->count && !is_over; number += 1) {
    sleep_until(start + number / plan->rate * NANOS + number % plan->rate * NANOS / plan->rate);
    struct question question = {.sequence = number, .sent = now()};
    memcpy(octets, &question, sizeof question);
    ssize_t sent = plan->is_connected ? send(socket, octets, plan->size, 0)
                                      : sendto(socket, octets, plan->size, 0, (const struct sockaddr *)to, length);
    if (sent < 0) fail(plan, socket, to, length);
  }
  return number;
}

int main(int argc, char **argv) {
  struct plan plan = parse(argc, argv);
  socklen_t length;
  struct sockaddr_storage to = endpoint(plan.to, plan.port, &length);
  int socket = open_socket(&plan, &to, length);
  end_at_sigterm();
  pthread_t listener;
  if (plan.wants_replies && pthread_create(&listener, NULL, listen_for_replies, &socket) != 0) errx(1, "no thread");
  be_punctual();
  say_ready();
  uint64_t numbers = run(&plan, socket, &to, length);
  // Replies still come after the last question: until SIGTERM.
  while (plan.wants_replies && !is_over) usleep(1000);
  if (plan.wants_replies) pthread_join(listener, NULL);
  printf("{\"numbers\":%lu,\"records\":%zu,\"errors\":{", numbers, replies.count);
  const char *comma = "";
  for (int number = 0; number < 256; number += 1) {
    if (failures[number] == 0) continue;
    const char *name = strerrorname_np(number);
    printf("%s\"%s\":%lu", comma, name == NULL ? "other" : name, failures[number]);
    comma = ",";
  }
  printf("}}\n");
  tell(&replies);
  return 0;
}
