/*
 * stalled-readers PORT COUNT: so many connections to a port of this machine on which nothing is ever read. Their receive buffers are
 * small, and so are their segments, by which the kernel at the other end sizes its send buffer: what is sent to them waits at its sender and
 * not in this machine's kernel. It holds them until its input ends.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char **words) {
  if (count != 3) errx(2, "usage: stalled-readers PORT COUNT");
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(atoi(words[1]))};
  struct rlimit descriptors;
  getrlimit(RLIMIT_NOFILE, &descriptors);
  descriptors.rlim_cur = descriptors.rlim_max;
  setrlimit(RLIMIT_NOFILE, &descriptors);
  for (int left = atoi(words[2]); left > 0; left--) {
    int opened = socket(AF_INET, SOCK_STREAM, 0), octets = 4096, segment = 536;
    setsockopt(opened, SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets);
    setsockopt(opened, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    if (connect(opened, (struct sockaddr *)&to, sizeof to) != 0) err(1, "connect");
  }
  printf("holding\n");
  fflush(stdout);
  return getchar() == EOF ? 0 : 1;
}
