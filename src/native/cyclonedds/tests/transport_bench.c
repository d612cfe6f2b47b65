/* The transport driven from C, as the peer of the C# benchmarks: the same calls, the same QoS, the same wait set.
 *   transport_bench DOMAIN echo FROM TO          until its input is closed
 *   transport_bench DOMAIN sink TOPIC N          until its input is closed; prints, for every N messages: ns from the first to the last
 *   transport_bench DOMAIN ping FROM TO SIZE N   prints: median and 99th percentile of the round trip, ns
 *   transport_bench DOMAIN flood TOPIC SIZE N    sends N messages
 *   transport_bench DOMAIN answer SERVICE        serves std_srvs/srv/SetBool until its input is closed
 *   transport_bench DOMAIN call SERVICE K N      K clients at once, N calls each; prints: median and 99th percentile of a call, ns
 */
#include <pthread.h>
#include <qd_transport.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ns(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int must(int r)
{
  if (r >= 0) return r;
  fprintf(stderr, "transport_bench: %s\n", qd_last_error());
  exit(1);
}

static qd_entity *stop_guard;

static void *watch_input(void *unused)
{
  char c;
  while (read(0, &c, 1) > 0) {}
  qd_guard_trigger(stop_guard);
  return unused;
}

static int compare(const void *a, const void *b)
{
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

enum { most_clients = 64, most_calls = 1000000 };

/* std_srvs/srv/SetBool: a bool; a bool and an empty string, as the C# side writes them. */
static const uint8_t on[] = {0, 1, 0, 0, 1}, off[] = {0, 1, 0, 0, 0};
static const uint8_t is_on[] = {0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0}, is_off[] = {0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0};

static void print_quantiles(int64_t *t, int count)
{
  qsort(t, (size_t)count, sizeof *t, compare);
  printf("%lld %lld\n", (long long)t[count / 2], (long long)t[count * 99 / 100]);
}

static void answer(qd_wait_set *w, qd_entity *service)
{
  uint64_t tokens[8];
  qd_sample samples[16];
  for (;;) {
    const int k = must(qd_wait_set_wait(w, -1, tokens, 8));
    for (int i = 0; i < k; i++) {
      if (tokens[i] == 2) return;
      const int got = must(qd_take(service, samples, 16));
      for (int j = 0; j < got; j++) {
        const int wanted = samples[j].data[4];
        must(qd_send_reply(service, &samples[j].request, wanted ? is_on : is_off, sizeof is_on));
      }
      qd_release(samples, got);
    }
  }
}

/* Sends each client's next request when its reply comes, all on one thread. */
static void call(qd_wait_set *w, qd_entity **clients, unsigned k, unsigned n)
{
  uint64_t tokens[16];
  qd_sample samples[16];
  int64_t sequence, sent[most_clients], *t = calloc((size_t)k * (size_t)n, sizeof *t);
  unsigned done[most_clients] = {0}, total = 0;
  for (unsigned i = 0; i < k; i++) {
    while (!must(qd_service_available(clients[i]))) usleep(1000);
    must(qd_wait_set_attach(w, clients[i], i));
  }
  for (unsigned i = 0; i < k; i++) {
    sent[i] = now_ns();
    must(qd_send_request(clients[i], on, sizeof on, &sequence));
  }
  while (total < k * n) {
    const int ready = must(qd_wait_set_wait(w, -1, tokens, 16));
    for (int r = 0; r < ready; r++) {
      const unsigned i = (unsigned)tokens[r];
      const int got = must(qd_take(clients[i], samples, 16));
      for (int j = 0; j < got; j++) {
        if (samples[j].data[4] != (done[i] % 2 == 0)) exit(3);
        t[total++] = now_ns() - sent[i];
        if (++done[i] == n) continue;
        must(qd_service_available(clients[i]));
        sent[i] = now_ns();
        must(qd_send_request(clients[i], done[i] % 2 == 0 ? on : off, sizeof on, &sequence));
      }
      qd_release(samples, got);
    }
  }
  print_quantiles(t, (int)total);
  free(t);
}

int main(int argc, char **argv)
{
  if (argc < 4) return 2;
  const char *verb = argv[2];
  qd_context_options o = {.size = sizeof o, .domain_id = (uint32_t)atoi(argv[1]), .discovery = QD_DISCOVERY_LOOPBACK};
  const qd_qos q = {.reliability = QD_RELIABILITY_RELIABLE, .durability = QD_DURABILITY_VOLATILE, .history = QD_HISTORY_KEEP_ALL};
  const char *type = "std_msgs/msg/String";
  qd_context *c;
  qd_node *n;
  qd_wait_set *w;
  qd_entity *p = NULL, *s = NULL;
  must(qd_context_create(&o, &c));
  must(qd_node_create(c, "bench", "/", &n));
  must(qd_wait_set_create(c, &w));
  const int pings = strcmp(verb, "ping") == 0, echoes = strcmp(verb, "echo") == 0, floods = strcmp(verb, "flood") == 0;
  uint64_t tokens[8];
  const int calls = strcmp(verb, "call") == 0, answers = strcmp(verb, "answer") == 0;
  qd_entity *clients[most_clients] = {NULL};
  const qd_qos sq = {.reliability = QD_RELIABILITY_RELIABLE, .durability = QD_DURABILITY_VOLATILE, .history = QD_HISTORY_KEEP_LAST, .depth = 10};
  const int k = calls ? atoi(argv[4]) : answers;
  if (k < 0 || k > most_clients || (calls && (atoi(argv[5]) <= 0 || atoi(argv[5]) > most_calls))) return 2;
  if (calls || answers) {
    for (int i = 0; i < k; i++)
      must((calls ? qd_client_create : qd_service_create)(n, argv[3], "std_srvs/srv/SetBool", NULL, NULL, &sq, &clients[i]));
    if (calls) {
      call(w, clients, (unsigned)k, (unsigned)atoi(argv[5]));
    } else {
      must(qd_guard_create(c, &stop_guard));
      must(qd_wait_set_attach(w, stop_guard, 2));
      must(qd_wait_set_attach(w, clients[0], 1));
      must(qd_wait_set_wait(w, 0, tokens, 8));
      pthread_t t;
      pthread_create(&t, NULL, watch_input, NULL);
      printf("ready\n");
      fflush(stdout);
      answer(w, clients[0]);
      pthread_join(t, NULL);
      qd_entity_destroy(stop_guard);
    }
    for (int i = 0; i < k; i++) qd_entity_destroy(clients[i]);
    qd_wait_set_destroy(w), qd_node_destroy(n), qd_context_destroy(c);
    return 0;
  }
  if (pings || echoes) {
    must(qd_publisher_create(n, echoes ? argv[4] : argv[3], type, NULL, &q, &p));
    must(qd_subscription_create(n, echoes ? argv[3] : argv[4], type, NULL, &q, 0, &s));
  } else if (floods) {
    must(qd_publisher_create(n, argv[3], type, NULL, &q, &p));
  } else {
    must(qd_subscription_create(n, argv[3], type, NULL, &q, 0, &s));
  }
  if (s) must(qd_wait_set_attach(w, s, 1));
  qd_sample samples[16];
  if (pings || floods) {
    const size_t size = (size_t)atol(argv[pings ? 5 : 4]);
    const int count = atoi(argv[pings ? 6 : 5]);
    uint8_t *payload = calloc(1, size);
    payload[1] = 1;
    while (qd_matched_count(p) < 1 || (s && qd_matched_count(s) < 1)) usleep(1000);
    usleep(200000);
    if (floods) {
      for (int i = 0; i < count; i++) must(qd_publish(p, payload, size, 0));
      must(qd_wait_for_acknowledgment(p, INT64_C(60000000000)));
    } else {
      int64_t *t = calloc((size_t)count, sizeof *t);
      const int warm_up = count / 5;
      for (int i = -warm_up; i < count; i++) {
        const int64_t start = now_ns();
        must(qd_publish(p, payload, size, 0));
        for (int got = 0; !got;) {
          must(qd_wait_set_wait(w, -1, tokens, 8));
          got = must(qd_take(s, samples, 16));
          qd_release(samples, got);
        }
        if (i >= 0) t[i] = now_ns() - start;
      }
      print_quantiles(t, count);
      free(t);
    }
    free(payload);
  } else {
    must(qd_guard_create(c, &stop_guard));
    must(qd_wait_set_attach(w, stop_guard, 2));
    must(qd_wait_set_wait(w, 0, tokens, 8));
    pthread_t t;
    pthread_create(&t, NULL, watch_input, NULL);
    printf("ready\n");
    fflush(stdout);
    const long batch = echoes ? 0 : atol(argv[4]);
    long received = 0;
    int64_t first = 0;
    for (int stop = 0; !stop;) {
      const int k = must(qd_wait_set_wait(w, -1, tokens, 8));
      for (int i = 0; i < k; i++) {
        if (tokens[i] == 2) stop = 1;
        if (tokens[i] != 1) continue;
        const int got = must(qd_take(s, samples, 16));
        for (int j = 0; j < got; j++) {
          if (p) {
            must(qd_publish(p, samples[j].data, samples[j].size, 0));
            continue;
          }
          if (received == 0) first = now_ns();
          if (++received == batch) {
            printf("%lld\n", (long long)(now_ns() - first));
            fflush(stdout);
            received = 0;
          }
        }
        qd_release(samples, got);
      }
    }
    pthread_join(t, NULL);
    qd_entity_destroy(stop_guard);
  }
  qd_entity_destroy(p), qd_entity_destroy(s), qd_wait_set_destroy(w), qd_node_destroy(n), qd_context_destroy(c);
  return 0;
}
