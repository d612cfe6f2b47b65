/* Tests of the transport ABI through its C header alone. Prints each test's name; the first failed check ends the program with its line. */
#include <fcntl.h>
#include <pthread.h>
#include <qd_transport.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CHECK(x)                                                                                                   \
  do {                                                                                                             \
    if (!(x)) {                                                                                                    \
      fprintf(stderr, "%s:%d: %s: check failed: %s (last error: %s)\n", __FILE__, __LINE__, __func__, #x, qd_last_error()); \
      exit(1);                                                                                                     \
    }                                                                                                              \
  } while (0)

static uint32_t domain_id;

/* A domain no other test holds, by the same lock files as the .NET tests. */
static void claim_domain(void)
{
  mkdir("/tmp/qdistill-test-domains", 0777);
  for (int i = 0; i < 99; i++) {
    char path[64];
    const uint32_t id = 1 + (uint32_t)((getpid() + i) % 99);
    snprintf(path, sizeof path, "/tmp/qdistill-test-domains/%u.lock", id);
    const int fd = open(path, O_RDWR | O_CREAT, 0666);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
      domain_id = id;
      return;
    }
    if (fd >= 0) close(fd);
  }
  CHECK(!"a free domain");
}

/* The same tests run over rcl, which sets source stamps itself, shows a graph to nodes only, and whose gids need not be those on the wire. */
static int over_rcl(void)
{
  return strncmp(qd_implementation(), "rcl ", 4) == 0;
}

static int64_t now_ns(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static const char *const string_type = "std_msgs/msg/String";
static const char *const string_hash = "RIHS01_df668c740482bbd48fb39d76a70dfd4bd59db1288021743503259e948f6b1a18";

static qd_qos reliable(void)
{
  return (qd_qos){.reliability = QD_RELIABILITY_RELIABLE, .durability = QD_DURABILITY_VOLATILE, .history = QD_HISTORY_KEEP_LAST, .depth = 10};
}

static qd_context *open_context(void)
{
  qd_context_options o = {.size = sizeof o, .domain_id = domain_id, .discovery = QD_DISCOVERY_LOOPBACK};
  qd_context *c = NULL;
  CHECK(qd_context_create(&o, &c) == QD_OK && c);
  return c;
}

static qd_node *open_node(qd_context *c, const char *name)
{
  qd_node *n = NULL;
  CHECK(qd_node_create(c, name, "/", &n) == QD_OK && n);
  return n;
}

static qd_entity *publisher(qd_node *n, const char *topic, qd_qos q)
{
  qd_entity *e = NULL;
  CHECK(qd_publisher_create(n, topic, string_type, string_hash, &q, &e) == QD_OK && e);
  return e;
}

static qd_entity *subscription(qd_node *n, const char *topic, qd_qos q)
{
  qd_entity *e = NULL;
  CHECK(qd_subscription_create(n, topic, string_type, string_hash, &q, 0, &e) == QD_OK && e);
  return e;
}

static void await_matched(qd_entity *e, int32_t count)
{
  const int64_t end = now_ns() + INT64_C(10000000000);
  while (qd_matched_count(e) != count && now_ns() < end) usleep(1000);
  CHECK(qd_matched_count(e) == count);
}

static size_t string_cdr(uint8_t *out, const char *s)
{
  const uint32_t n = (uint32_t)strlen(s) + 1;
  memcpy(out, "\0\1\0\0", 4);
  memcpy(out + 4, &n, 4);
  memcpy(out + 8, s, n);
  return 8 + n;
}

static void publish(qd_entity *p, const char *s)
{
  uint8_t b[256];
  CHECK(qd_publish(p, b, string_cdr(b, s), 1234567890123456789) == QD_OK);
}

/* Waits for one sample and compares it. */
static void expect(qd_entity *s, const char *text)
{
  qd_sample sample;
  const int64_t end = now_ns() + INT64_C(10000000000);
  int32_t n;
  while ((n = qd_take(s, &sample, 1)) == 0 && now_ns() < end) usleep(500);
  CHECK(n == 1);
  uint8_t b[256];
  const size_t size = string_cdr(b, text);
  CHECK(sample.size == ((size + 3) & ~(size_t)3) && memcmp(sample.data, b, size) == 0);
  qd_release(&sample, 1);
  CHECK(sample.owner == NULL);
}

static void expect_none_alive(void)
{
  qd_live_counts l;
  const int64_t end = now_ns() + INT64_C(5000000000);
  do {
    qd_get_live_counts(&l);
    const qd_live_counts zero = {0};
    if (memcmp(&l, &zero, sizeof l) == 0) return;
    usleep(1000);
  } while (now_ns() < end);
  fprintf(stderr, "alive: contexts %u nodes %u publishers %u subscriptions %u clients %u services %u guards %u wait sets %u payloads %u types %u graphs %u\n",
          l.contexts, l.nodes, l.publishers, l.subscriptions, l.clients, l.services, l.guards, l.wait_sets, l.payloads, l.types, l.graphs);
  CHECK(!"nothing is alive");
}

static void a_message_arrives_with_its_bytes_stamp_and_gid(void)
{
  qd_context *c = open_context();
  qd_node *n = open_node(c, "round_trip");
  qd_entity *p = publisher(n, "/chatter", reliable()), *s = subscription(n, "/chatter", reliable());
  await_matched(p, 1);
  publish(p, "hello");
  qd_sample sample;
  int32_t got;
  for (int i = 0; (got = qd_take(s, &sample, 1)) == 0 && i < 5000; i++) usleep(1000);
  CHECK(got == 1 && (over_rcl() || sample.source_timestamp_ns == 1234567890123456789) && sample.reception_timestamp_ns > sample.source_timestamp_ns);
  uint8_t gid[16];
  CHECK(qd_entity_gid(p, gid) == QD_OK && (over_rcl() || (memcmp(gid, sample.publisher_gid, 16) == 0 && gid[15] == 0x03)));
  qd_release(&sample, 1);
  CHECK(qd_take(s, &sample, 1) == 0);

  void *loan;
  uint8_t *data;
  CHECK(qd_borrow(p, 300, &loan, &data) == QD_OK);
  const size_t size = string_cdr(data, "borrowed");
  CHECK(qd_publish_borrowed(p, loan, size, 0) == QD_OK);
  expect(s, "borrowed");
  CHECK(qd_borrow(p, 8, &loan, &data) == QD_OK);
  qd_return_borrowed(loan);
  CHECK(qd_borrow(p, 8, &loan, &data) == QD_OK);
  CHECK(qd_publish_borrowed(p, loan, 64, 0) < 0);
  CHECK(qd_wait_for_acknowledgment(p, 1000000000) == QD_OK);

  CHECK(qd_node_destroy(n) == QD_EBUSY && qd_context_destroy(c) == QD_EBUSY);
  CHECK(qd_entity_destroy(p) == QD_OK && qd_entity_destroy(s) == QD_OK);
  CHECK(qd_node_destroy(n) == QD_OK && qd_context_destroy(c) == QD_OK);
  expect_none_alive();
}

static void incompatible_qos_does_not_match_and_is_reported(void)
{
  qd_context *c = open_context(), *d = open_context();
  qd_node *n = open_node(c, "offers"), *m = open_node(d, "asks");
  qd_qos best_effort = reliable();
  best_effort.reliability = QD_RELIABILITY_BEST_EFFORT;
  qd_entity *p = publisher(n, "/scan", best_effort), *s = subscription(m, "/scan", reliable());
  qd_event e = {0}, f = {0};
  for (int i = 0; i < 5000 && (e.total == 0 || f.total == 0); i++) {
    qd_event now;
    CHECK(qd_take_event(p, QD_EVENT_INCOMPATIBLE_QOS, &now) == QD_OK);
    if (now.total_change) e = now;
    CHECK(qd_take_event(s, QD_EVENT_INCOMPATIBLE_QOS, &now) == QD_OK);
    if (now.total_change) f = now;
    usleep(1000);
  }
  CHECK(e.total == 1 && e.total_change == 1 && e.policy == QD_POLICY_RELIABILITY);
  CHECK(f.total == 1 && f.total_change == 1 && f.policy == QD_POLICY_RELIABILITY);
  CHECK(qd_pending_events(s) & QD_EVENT_INCOMPATIBLE_QOS);
  CHECK(qd_pending_events(s) == 0);
  CHECK(qd_matched_count(p) == 0 && qd_matched_count(s) == 0);
  CHECK(qd_take_event(p, QD_EVENT_MESSAGE_LOST, &e) < 0);
  qd_entity_destroy(p), qd_entity_destroy(s), qd_node_destroy(n), qd_node_destroy(m), qd_context_destroy(c), qd_context_destroy(d);
  expect_none_alive();
}

static void a_late_joiner_gets_what_transient_local_kept(void)
{
  qd_context *c = open_context(), *d = open_context();
  qd_node *n = open_node(c, "early"), *m = open_node(d, "late");
  qd_qos q = reliable();
  q.durability = QD_DURABILITY_TRANSIENT_LOCAL;
  q.depth = 2;
  qd_entity *p = publisher(n, "/map", q);
  publish(p, "one"), publish(p, "two"), publish(p, "three");
  qd_entity *s = subscription(m, "/map", q), *v = subscription(m, "/map", reliable());
  expect(s, "two");
  expect(s, "three");
  await_matched(v, 1);
  qd_sample sample;
  CHECK(qd_take(v, &sample, 1) == 0);
  qd_entity_destroy(p), qd_entity_destroy(s), qd_entity_destroy(v), qd_node_destroy(n), qd_node_destroy(m), qd_context_destroy(c), qd_context_destroy(d);
  expect_none_alive();
}

static void *trigger_soon(void *guard)
{
  usleep(20000);
  CHECK(qd_guard_trigger(guard) == QD_OK);
  return NULL;
}

static void a_wait_set_reports_guards_data_and_the_graph_once_each(void)
{
  qd_context *c = open_context();
  qd_node *n = open_node(c, "waiter");
  qd_wait_set *w = NULL;
  qd_entity *g = NULL;
  uint64_t tokens[8];
  CHECK(qd_wait_set_create(c, &w) == QD_OK && qd_guard_create(c, &g) == QD_OK);
  CHECK(qd_wait_set_attach(w, g, 7) == QD_OK && qd_wait_set_attach(w, g, 8) == QD_EBUSY);
  CHECK(qd_wait_set_wait(w, 0, tokens, 8) == 1 && tokens[0] == 7);
  CHECK(qd_wait_set_wait(w, 0, tokens, 8) == 0);
  const int64_t start = now_ns();
  CHECK(qd_wait_set_wait(w, 5000000, tokens, 8) == 0 && now_ns() - start >= 5000000);

  pthread_t t;
  pthread_create(&t, NULL, trigger_soon, g);
  CHECK(qd_wait_set_wait(w, -1, tokens, 8) == 1 && tokens[0] == 7);
  pthread_join(t, NULL);
  qd_guard_trigger(g), qd_guard_trigger(g);
  CHECK(qd_wait_set_wait(w, 0, tokens, 8) == 1 && qd_wait_set_wait(w, 0, tokens, 8) == 0);

  qd_entity *p = publisher(n, "/t", reliable()), *s = subscription(n, "/t", reliable());
  await_matched(p, 1);
  CHECK(qd_wait_set_attach(w, s, 9) == QD_OK);
  while (qd_wait_set_wait(w, 100000000, tokens, 8) > 0) {}
  for (int i = 0; i < 5; i++) publish(p, "x");
  /* A take that fills the caller's array re-arms; nothing is stranded. */
  int taken = 0;
  while (taken < 5) {
    CHECK(qd_wait_set_wait(w, 5000000000, tokens, 8) == 1 && tokens[0] == 9);
    qd_sample two[2];
    const int32_t k = qd_take(s, two, 2);
    CHECK(k >= 0 && k <= 2);
    taken += k;
    qd_release(two, k);
  }
  CHECK(qd_wait_set_detach(w, s) == QD_OK && qd_wait_set_detach(w, s) == QD_EINVAL);
  publish(p, "unheard");
  CHECK(qd_wait_set_wait(w, 10000000, tokens, 8) == 0);

  CHECK(qd_wait_set_attach_graph(w, 11) == QD_OK && qd_wait_set_wait(w, 0, tokens, 8) == 1);
  while (qd_wait_set_wait(w, 100000000, tokens, 8) > 0) {}
  const uint64_t before = qd_graph_version(c);
  qd_node *m = open_node(c, "newcomer");
  CHECK(qd_wait_set_wait(w, 5000000000, tokens, 8) == 1 && tokens[0] == 11 && qd_graph_version(c) > before);
  qd_node_destroy(m);

  CHECK(qd_context_destroy(c) == QD_EBUSY);
  qd_wait_set_destroy(w); /* with members */
  CHECK(qd_guard_trigger(g) == QD_OK);
  qd_entity_destroy(g), qd_entity_destroy(p), qd_entity_destroy(s), qd_node_destroy(n);
  CHECK(qd_context_destroy(c) == QD_OK);
  expect_none_alive();
}

static const qd_graph_node *find_node(const qd_graph *g, const char *name)
{
  for (size_t i = 0; i < g->node_count; i++)
    if (strcmp(g->nodes[i].name, name) == 0) return &g->nodes[i];
  return NULL;
}

static void the_graph_shows_another_contexts_nodes_and_forgets_them_at_once(void)
{
  qd_context *c = open_context(), *d = open_context();
  qd_node *n = NULL, *observer = over_rcl() ? open_node(d, "observer") : NULL;
  CHECK(qd_node_create(c, "talker", "/ns", &n) == QD_OK);
  qd_entity *p = publisher(n, "/ns/chatter", reliable());
  qd_graph *g = NULL;
  const qd_graph_endpoint *e = NULL;
  for (int i = 0; i < 5000 && !e; i++) {
    qd_graph_free(g);
    CHECK(qd_graph_get(d, &g) == QD_OK);
    for (size_t k = 0; k < g->endpoint_count; k++)
      if (g->endpoints[k].node >= 0 && g->endpoints[k].name && strcmp(g->endpoints[k].name, "/ns/chatter") == 0) e = &g->endpoints[k];
    usleep(1000);
  }
  CHECK(e && e->kind == QD_GRAPH_PUBLISHER && e->writes == 1);
  CHECK(strcmp(e->type, string_type) == 0 && strcmp(e->type_hash, string_hash) == 0);
  CHECK(strcmp(e->wire_topic, "rt/ns/chatter") == 0 && strcmp(e->wire_type, "std_msgs::msg::dds_::String_") == 0);
  CHECK(strcmp(g->nodes[e->node].name, "talker") == 0 && strcmp(g->nodes[e->node].name_space, "/ns") == 0 && strcmp(g->nodes[e->node].enclave, "/") == 0);
  CHECK(e->qos.reliability == QD_RELIABILITY_RELIABLE && e->qos.depth == 10 && e->qos.deadline_ns == QD_INFINITE);
  CHECK(g->malformed == 0);
  qd_graph_free(g);
  qd_entity_destroy(p), qd_node_destroy(n), qd_context_destroy(c);
  for (int i = 0; i < 2000; i++) {
    CHECK(qd_graph_get(d, &g) == QD_OK);
    const int gone = find_node(g, "talker") == NULL && (over_rcl() || g->participant_count == 1);
    qd_graph_free(g);
    if (gone) break;
    CHECK(i < 1999);
    usleep(1000);
  }
  qd_node_destroy(observer), qd_context_destroy(d);
  expect_none_alive();
}

static void malformed_graph_announcements_are_counted_and_ignored(void)
{
  qd_context *c = open_context(), *d = open_context();
  qd_node *n = open_node(c, "mutant");
  qd_qos q = reliable();
  q.avoid_ros_namespace = 1;
  q.durability = QD_DURABILITY_TRANSIENT_LOCAL;
  qd_entity *p = NULL;
  CHECK(qd_publisher_create(n, "ros_discovery_info", "rmw_dds_common/msg/ParticipantEntitiesInfo", NULL, &q, &p) == QD_OK);
  await_matched(p, 1); /* its own participant ignores it */
  uint8_t gid[16];
  qd_context_gid(c, gid);
  uint8_t good[] = "\0\1\0\0________________\1\0\0\0\2\0\0\0/\0__\5\0\0\0node\0___\0\0\0\0\0\0\0";
  memcpy(good + 4, gid, 16);
  unsigned seed = 1;
  enum { rounds = 3000 };
  for (int i = 0; i < rounds; i++) {
    uint8_t bad[sizeof good];
    memcpy(bad, good, sizeof good);
    size_t size = 4 + (size_t)(rand_r(&seed) % (int)(sizeof good - 4));
    for (int k = rand_r(&seed) % 4; k >= 0; k--) bad[rand_r(&seed) % (int)sizeof good] = (uint8_t)rand_r(&seed);
    CHECK(qd_publish(p, bad, size, 0) == QD_OK);
  }
  CHECK(qd_publish(p, good, sizeof good, 0) == QD_OK);
  qd_graph *g = NULL;
  for (int i = 0; i < 5000; i++) {
    CHECK(qd_graph_get(d, &g) == QD_OK);
    const int done = find_node(g, "node") != NULL && g->malformed > rounds / 2;
    qd_graph_free(g);
    if (done) break;
    CHECK(i < 4999);
    usleep(1000);
  }
  qd_entity_destroy(p), qd_node_destroy(n), qd_context_destroy(c), qd_context_destroy(d);
  expect_none_alive();
}

static void a_service_answers_its_own_clients_only(void)
{
  qd_context *c = open_context(), *d = open_context();
  qd_node *n = open_node(c, "server"), *m = open_node(d, "caller");
  const char *type = "example_interfaces/srv/AddTwoInts";
  qd_qos q = reliable();
  qd_entity *server = NULL, *one = NULL, *two = NULL;
  CHECK(qd_client_create(m, "/add", type, NULL, NULL, &q, &one) == QD_OK && qd_client_create(m, "/add", type, NULL, NULL, &q, &two) == QD_OK);
  CHECK(qd_service_available(one) == 0);
  CHECK(qd_service_create(n, "/add", type, NULL, NULL, &q, &server) == QD_OK);
  for (int i = 0; qd_service_available(one) != 1 || qd_service_available(two) != 1; i++) {
    CHECK(i < 5000);
    usleep(1000);
  }
  uint8_t request[20] = {0, 1, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0};
  int64_t first, second;
  CHECK(qd_send_request(one, request, sizeof request, &first) == QD_OK && qd_send_request(two, request, sizeof request, &second) == QD_OK && second == first + 1);
  for (int served = 0; served < 2;) {
    qd_sample s;
    if (qd_take(server, &s, 1) == 1) {
      CHECK(s.size == sizeof request && memcmp(s.data, request, sizeof request) == 0);
      uint8_t reply[12] = {0, 1, 0, 0, 7};
      CHECK(qd_send_reply(server, &s.request, reply, sizeof reply) == QD_OK);
      qd_release(&s, 1);
      served++;
    }
  }
  qd_entity *const clients[2] = {one, two};
  const int64_t sequences[2] = {first, second};
  for (int i = 0; i < 2; i++) {
    qd_sample s;
    int32_t k;
    for (int t = 0; (k = qd_take(clients[i], &s, 1)) == 0 && t < 5000; t++) usleep(1000);
    CHECK(k == 1 && s.size == 12 && s.data[4] == 7 && s.request.sequence == sequences[i]);
    qd_release(&s, 1);
    CHECK(qd_take(clients[i], &s, 1) == 0);
  }
  /* A client that is gone gets no answer. */
  CHECK(qd_send_request(two, request, sizeof request, &second) == QD_OK);
  qd_sample s;
  for (int t = 0; qd_take(server, &s, 1) == 0 && t < 5000; t++) usleep(1000);
  CHECK(s.owner != NULL);
  qd_entity_destroy(two);
  int32_t r = QD_OK;
  for (int t = 0; t < 5000 && r != QD_EGONE; t++) {
    r = qd_send_reply(server, &s.request, request, sizeof request);
    usleep(1000);
  }
  CHECK(r == QD_EGONE);
  qd_release(&s, 1);
  qd_entity_destroy(one), qd_entity_destroy(server), qd_node_destroy(n), qd_node_destroy(m), qd_context_destroy(c), qd_context_destroy(d);
  expect_none_alive();
}

static void bad_arguments_are_refused_with_a_sentence(void)
{
  qd_context *c = NULL;
  qd_context_options o = {.size = 4};
  CHECK(qd_abi_version() == QD_TRANSPORT_ABI && (over_rcl() || strncmp(qd_implementation(), "cyclonedds 0.10", 15) == 0));
  CHECK(qd_context_create(NULL, &c) == QD_EINVAL && qd_context_create(&o, &c) == QD_EINVAL && strlen(qd_last_error()) > 10);
  o = (qd_context_options){.size = sizeof o, .domain_id = 233};
  CHECK(qd_context_create(&o, &c) == QD_EINVAL && strstr(qd_last_error(), "233"));
  o = (qd_context_options){.size = sizeof o, .domain_id = domain_id, .static_peers = "good;bad peer\"/>"};
  CHECK(over_rcl() || (qd_context_create(&o, &c) < 0 && strstr(qd_last_error(), "bad peer")));
  CHECK(c == NULL);
  c = open_context();
  o = (qd_context_options){.size = sizeof o, .domain_id = domain_id, .discovery = QD_DISCOVERY_OFF};
  qd_context *other = NULL;
  CHECK(over_rcl() || (qd_context_create(&o, &other) == QD_EINVAL && strstr(qd_last_error(), "already open")));
  qd_node *n = NULL;
  CHECK(qd_node_create(c, "", "/", &n) == QD_EINVAL && qd_node_create(c, "n", "relative", &n) == QD_EINVAL && qd_node_create(c, NULL, "/", &n) == QD_EINVAL);
  char long_name[300];
  memset(long_name, 'a', sizeof long_name - 1);
  long_name[sizeof long_name - 1] = 0;
  CHECK(qd_node_create(c, long_name, "/", &n) == QD_EINVAL);
  n = open_node(c, "n");
  qd_entity *e = NULL;
  qd_qos q = reliable();
  CHECK(qd_publisher_create(n, "relative", string_type, NULL, &q, &e) == QD_EINVAL && strstr(qd_last_error(), "relative"));
  CHECK(qd_publisher_create(n, "/t", "", NULL, &q, &e) == QD_EINVAL && qd_publisher_create(n, "/t", string_type, NULL, NULL, &e) == QD_EINVAL);
  q.reliability = 9;
  CHECK(qd_subscription_create(n, "/t", string_type, NULL, &q, 0, &e) == QD_EINVAL && e == NULL);
  qd_entity *p = publisher(n, "/t", reliable()), *s = subscription(n, "/t", reliable());
  qd_sample sample;
  CHECK(qd_publish(s, "\0\1\0\0", 4, 0) == QD_EINVAL && qd_publish(p, "\0\1\0", 3, 0) == QD_EINVAL && qd_publish(NULL, "", 4, 0) == QD_EINVAL);
  CHECK(qd_take(p, &sample, 1) == QD_EINVAL && qd_take(s, NULL, 1) == QD_EINVAL && qd_take(s, &sample, 0) == QD_EINVAL);
  CHECK(qd_guard_trigger(p) == QD_EINVAL && qd_matched_count(NULL) == QD_EINVAL && qd_service_available(p) == QD_EINVAL);
  CHECK(qd_entity_destroy(NULL) == QD_OK && qd_node_destroy(NULL) == QD_OK && qd_context_destroy(NULL) == QD_OK && qd_wait_set_destroy(NULL) == QD_OK);
  qd_release(NULL, 3);
  qd_graph_free(NULL);
  qd_entity_destroy(p), qd_entity_destroy(s), qd_node_destroy(n), qd_context_destroy(c);
  expect_none_alive();
}

static void a_hundred_cycles_leave_nothing_alive(void)
{
  for (int i = 0; i < 100; i++) {
    qd_context *c = open_context();
    qd_node *n = open_node(c, "cycle");
    qd_entity *p = publisher(n, "/t", reliable()), *s = subscription(n, "/t", reliable());
    qd_wait_set *w = NULL;
    CHECK(qd_wait_set_create(c, &w) == QD_OK && qd_wait_set_attach(w, s, 1) == QD_OK);
    publish(p, "x");
    qd_sample sample;
    const int32_t k = qd_take(s, &sample, 1);
    /* A sample outlives its subscription. */
    qd_entity_destroy(s), qd_entity_destroy(p), qd_wait_set_destroy(w), qd_node_destroy(n), qd_context_destroy(c);
    if (k == 1) CHECK(sample.data[8] == 'x');
    qd_release(&sample, k);
    expect_none_alive();
  }
}

static int stopping;

static void *publish_until_stopped(void *p)
{
  while (!__atomic_load_n(&stopping, __ATOMIC_ACQUIRE)) publish(p, "busy");
  return NULL;
}

static void endpoints_come_and_go_while_data_flows(void)
{
  qd_context *c = open_context();
  qd_node *n = open_node(c, "busy");
  qd_qos q = reliable();
  qd_entity *p = publisher(n, "/t", q);
  qd_wait_set *w = NULL;
  CHECK(qd_wait_set_create(c, &w) == QD_OK);
  stopping = 0;
  pthread_t t;
  pthread_create(&t, NULL, publish_until_stopped, p);
  for (int i = 0; i < 200; i++) {
    qd_entity *s = subscription(n, "/t", q);
    CHECK(qd_wait_set_attach(w, s, (uint64_t)i) == QD_OK);
    uint64_t token;
    if (qd_wait_set_wait(w, 10000000, &token, 1) == 1) {
      CHECK(token == (uint64_t)i);
      qd_sample samples[4];
      qd_release(samples, qd_take(s, samples, 4));
    }
    CHECK(qd_entity_destroy(s) == QD_OK);
    CHECK(qd_wait_set_wait(w, 0, &token, 1) == 0);
  }
  __atomic_store_n(&stopping, 1, __ATOMIC_RELEASE);
  pthread_join(t, NULL);
  qd_wait_set_destroy(w), qd_entity_destroy(p), qd_node_destroy(n), qd_context_destroy(c);
  expect_none_alive();
}

int main(int argc, char **argv)
{
#define TEST(f) {#f, f}
  static const struct { const char *name; void (*run)(void); } tests[] = {
    TEST(a_message_arrives_with_its_bytes_stamp_and_gid),
    TEST(incompatible_qos_does_not_match_and_is_reported),
    TEST(a_late_joiner_gets_what_transient_local_kept),
    TEST(a_wait_set_reports_guards_data_and_the_graph_once_each),
    TEST(the_graph_shows_another_contexts_nodes_and_forgets_them_at_once),
    TEST(malformed_graph_announcements_are_counted_and_ignored),
    TEST(a_service_answers_its_own_clients_only),
    TEST(bad_arguments_are_refused_with_a_sentence),
    TEST(a_hundred_cycles_leave_nothing_alive),
    TEST(endpoints_come_and_go_while_data_flows),
  };
  claim_domain();
  int run = 0;
  for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
    if (argc > 1 && strcmp(argv[1], tests[i].name) != 0) continue;
    printf("%s\n", tests[i].name);
    fflush(stdout);
    tests[i].run();
    run++;
  }
  return run > 0 ? 0 : 2;
}
