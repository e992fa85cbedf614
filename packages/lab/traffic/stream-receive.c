/*
 * Keeps number, times and source of every datagram that comes to a port, of both families; with --echo it also sends each
 * back. What the socket's queue could not hold is counted apart: that was not the line's loss.
 */
#include "traffic.h"
#include <netinet/in.h>

static struct record record;
static uint32_t overflowed;

static int open_socket(const char *port) {
  int opened = socket(AF_INET6, SOCK_DGRAM, 0);
  if (opened < 0) err(1, "socket");
  int off = 0;
  int on = 1;
  int octets = 16 << 20;
  struct timeval patience = {.tv_usec = 20000};
  setsockopt(opened, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  setsockopt(opened, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
  setsockopt(opened, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  // Past the machine's limit where it may be.
  setsockopt(opened, SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets);
  setsockopt(opened, SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof octets);
  bind_to(opened, "::", port);
  return opened;
}

/* False when there was nothing. */
static int receive(int socket, int is_echo, int flags) {
  char octets[MOST_OCTETS];
  char control[128];
  struct sockaddr_in6 source;
  struct iovec place = {octets, sizeof octets};
  struct msghdr message = {.msg_name = &source, .msg_namelen = sizeof source, .msg_iov = &place, .msg_iovlen = 1,
                           .msg_control = control, .msg_controllen = sizeof control};
  ssize_t length = recvmsg(socket, &message, flags);
  int64_t arrived = now();
  if (length < 0) return 0;
  if (length < (ssize_t)sizeof(struct question)) return 1;
  for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part != NULL; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_RXQ_OVFL) memcpy(&overflowed, CMSG_DATA(part), 4);
  }
  struct question question;
  memcpy(&question, octets, sizeof question);
  keep(&record, question, arrived, source.sin6_addr.s6_addr);
  if (is_echo) sendto(socket, octets, length, 0, (struct sockaddr *)&source, sizeof source);
  return 1;
}

int main(int argc, char **argv) {
  static const struct option options[] = {{"port", 1, 0, 'p'}, {"echo", 0, 0, 'e'}, {"live", 0, 0, 'l'}, {0}};
  const char *port = NULL;
  int is_echo = 0;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    switch (option) {
    case 'p': port = optarg; break;
    case 'e': is_echo = 1; break;
    case 'l': is_live = 1; break;
    default: exit(2);
    }
  }
  if (port == NULL) errx(2, "--port PORT [--echo] [--live]");
  int socket = open_socket(port);
  end_at_sigterm();
  be_punctual();
  say_ready();
  while (!is_over) receive(socket, is_echo, 0);
  // What had come before the end counts.
  while (receive(socket, is_echo, MSG_DONTWAIT)) continue;
  printf("{\"records\":%zu,\"overflowed\":%u}\n", record.count, overflowed);
  tell(&record);
  return 0;
}
