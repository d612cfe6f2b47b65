// risk_inference without QDistill: features in; collision risk, constraint violations, alarm and latency out, over the same transport library and the same ONNX Runtime,
// with everything prepared beforehand that can be. What the onboard benchmark compares the node with.
//   onboard_peer DOMAIN LIBONNXRUNTIME MODEL FEATURES CONSTRAINTS [BUSY_POLL_US KEEP_WARM_HZ]     until its input is closed
#include <dlfcn.h>
#include <pthread.h>
#include <qd_transport.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

// The part of ONNX Runtime's C interface that is used: positions in its table of functions, which only ever grows at its end.
struct Status;
struct ApiBase {
  const void *const *(*GetApi)(uint32_t version);
  const char *(*GetVersionString)();
};
enum Function {
  kGetErrorMessage = 2, kCreateEnv = 3, kCreateSessionFromArray = 8, kCreateSessionOptions = 10, kSetSessionExecutionMode = 13,
  kSetIntraOpNumThreads = 24, kSetInterOpNumThreads = 25, kCreateRunOptions = 39, kCreateTensorWithDataAsOrtValue = 49, kCreateCpuMemoryInfo = 69,
  kAddSessionConfigEntry = 130, kRunWithBinding = 133, kCreateIoBinding = 134, kBindInput = 136, kBindOutput = 137
};
const void *const *api;

template <typename... A>
Status *invoke(Function f, A... a)
{
  return reinterpret_cast<Status *(*)(A...)>(const_cast<void *>(api[f]))(a...);
}

[[noreturn]] void die(const char *what)
{
  std::fprintf(stderr, "onboard_peer: %s\n", what);
  std::exit(1);
}

void ok(Status *s)
{
  if (s) die(reinterpret_cast<const char *(*)(const Status *)>(const_cast<void *>(api[kGetErrorMessage]))(s));
}

int32_t must(int32_t r)
{
  if (r < 0) die(qd_last_error());
  return r;
}

int64_t now_ns(clockid_t clock)
{
  timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

class Model {
public:
  Model(const char *library, const char *path, size_t features, size_t constraints) : input(features), violation(constraints)
  {
    void *lib = dlopen(library, RTLD_NOW);
    if (!lib) die(dlerror());
    auto base = reinterpret_cast<const ApiBase *(*)()>(dlsym(lib, "OrtGetApiBase"));
    if (!base || !(api = base()->GetApi(17))) die("this is no usable libonnxruntime");
    std::ifstream file(path, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(file)), {});
    void *env, *options, *info;
    ok(invoke(kCreateEnv, 4, "peer", &env));
    ok(invoke(kCreateSessionOptions, &options));
    ok(invoke(kSetIntraOpNumThreads, options, 1));
    ok(invoke(kSetInterOpNumThreads, options, 1));
    ok(invoke(kSetSessionExecutionMode, options, 0));
    ok(invoke(kAddSessionConfigEntry, options, "session.intra_op.allow_spinning", "0"));
    ok(invoke(kAddSessionConfigEntry, options, "session.inter_op.allow_spinning", "0"));
    ok(invoke(kCreateSessionFromArray, env, static_cast<const void *>(bytes.data()), bytes.size(), options, &session));
    ok(invoke(kCreateRunOptions, &run));
    ok(invoke(kCreateIoBinding, session, &binding));
    ok(invoke(kCreateCpuMemoryInfo, 0, 0, &info));
    bind(info, kBindInput, "features", input.data(), {1, static_cast<int64_t>(features)});
    bind(info, kBindOutput, "collision_probability", &collision, {1});
    bind(info, kBindOutput, "uncertainty", &uncertainty, {1});
    if (constraints) bind(info, kBindOutput, "violation_probability", violation.data(), {1, static_cast<int64_t>(constraints)});
    for (int i = 0; i < 50; i++) predict();
  }

  void predict() { ok(invoke(kRunWithBinding, session, static_cast<const void *>(run), static_cast<const void *>(binding))); }

  std::vector<float> input, violation;
  float collision = 0, uncertainty = 0;

private:
  void bind(void *info, Function f, const char *name, float *data, std::vector<int64_t> shape)
  {
    size_t n = sizeof(float);
    for (int64_t s : shape) n *= static_cast<size_t>(s);
    void *value;
    ok(invoke(kCreateTensorWithDataAsOrtValue, static_cast<const void *>(info), static_cast<void *>(data), n, static_cast<const int64_t *>(shape.data()), shape.size(), 1, &value));
    ok(invoke(f, binding, name, static_cast<const void *>(value)));
  }

  void *session, *run, *binding;
};

// XCDR1, little endian: a number lies at a multiple of its size, counted from behind the four bytes of the header.
class Reader {
public:
  Reader(const uint8_t *data, size_t size) : data(data + 4), size(size < 4 ? 0 : size - 4) {}

  template <typename T>
  T number()
  {
    at = (at + sizeof(T) - 1) / sizeof(T) * sizeof(T);
    T v{};
    if (at + sizeof(T) > size) return bad = true, v;
    std::memcpy(&v, data + at, sizeof(T));
    at += sizeof(T);
    return v;
  }

  const uint8_t *bytes(size_t n)
  {
    if (n > size - at) return bad = true, data;
    const uint8_t *p = data + at;
    at += n;
    return p;
  }

  bool bad = false;

private:
  const uint8_t *data;
  size_t size, at = 0;
};

class Writer {
public:
  Writer(qd_entity *publisher, size_t capacity) : publisher(publisher)
  {
    must(qd_borrow(publisher, capacity, &loan, &data));
    const uint8_t header[4] = {0, 1, 0, 0};
    std::memcpy(data, header, 4);
  }

  template <typename T>
  void number(T v)
  {
    while (at % sizeof(T)) data[4 + at++] = 0;
    std::memcpy(data + 4 + at, &v, sizeof(T));
    at += sizeof(T);
  }

  void text(const char *s, size_t n)
  {
    number(static_cast<uint32_t>(n + 1));
    std::memcpy(data + 4 + at, s, n);
    at += n;
    data[4 + at++] = 0;
  }

  void duration(int64_t ns) { number(static_cast<int32_t>(ns / 1000000000)), number(static_cast<uint32_t>(ns % 1000000000)); }

  void send() { must(qd_publish_borrowed(publisher, loan, 4 + at, 0)); }

private:
  qd_entity *publisher;
  void *loan;
  uint8_t *data;
  size_t at = 0;
};

struct Latch {
  bool on = false;
  int run = 0;

  void update(float p)
  {
    run = (on ? p < 0.4f : !(p < 0.5f)) ? run + 1 : 0;
    if (run >= 3) on = !on, run = 0;
  }
};

qd_entity *stop_guard;

void *watch_input(void *)
{
  char c;
  while (read(0, &c, 1) > 0) {}
  qd_guard_trigger(stop_guard);
  return nullptr;
}

class Peer {
public:
  Peer(Model &model, qd_node *node) : model(model), latches(model.violation.size())
  {
    const qd_qos q = {QD_RELIABILITY_RELIABLE, QD_DURABILITY_VOLATILE, QD_HISTORY_KEEP_LAST, 10, 0, 0, 0, 0, 0};
    must(qd_publisher_create(node, "/risk_peer/output/collision_risk", "qdistill_msgs/msg/CollisionRisk", nullptr, &q, &risk));
    must(qd_publisher_create(node, "/risk_peer/output/constraint_violations", "qdistill_msgs/msg/ConstraintViolations", nullptr, &q, &violations));
    must(qd_publisher_create(node, "/risk_peer/output/alarm", "std_msgs/msg/Bool", nullptr, &q, &alarm));
    must(qd_publisher_create(node, "/risk_peer/debug/latency", "qdistill_msgs/msg/InferenceLatency", nullptr, &q, &latency));
    must(qd_subscription_create(node, "/risk_peer/input/features", "qdistill_msgs/msg/FusedFeatures", nullptr, &q, 0, &features));
  }

  ~Peer()
  {
    for (qd_entity *e : {features, latency, alarm, violations, risk}) qd_entity_destroy(e);
  }

  void on_features(const qd_sample &sample)
  {
    const int64_t start = now_ns(CLOCK_MONOTONIC), queued = now_ns(CLOCK_REALTIME) - sample.source_timestamp_ns;
    Reader in(sample.data, sample.size);
    const auto sec = in.number<int32_t>();
    const auto nanosec = in.number<uint32_t>();
    const auto frame_size = in.number<uint32_t>();
    const auto *frame = reinterpret_cast<const char *>(in.bytes(frame_size));
    const auto schema_size = in.number<uint32_t>();
    in.bytes(schema_size);
    const auto n = in.number<uint32_t>();
    if (in.bad || frame_size == 0 || n != model.input.size()) return;
    std::memcpy(model.input.data(), in.bytes(n * sizeof(float)), n * sizeof(float));
    const auto mask_size = in.number<uint32_t>();
    const uint8_t *mask = in.bytes(mask_size);
    if (in.bad || mask_size != (n + 7) / 8) return;
    for (uint32_t i = 0; i < n; i++) {
      if (!(mask[i >> 3] >> (i & 7) & 1)) model.input[i] = NAN;
      else if (!std::isfinite(model.input[i])) return;
    }

    model.predict();
    const int64_t judged = now_ns(CLOCK_MONOTONIC);
    sequence++;
    latch.update(model.collision);
    for (size_t i = 0; i < latches.size(); i++) latches[i].update(model.violation[i]);

    Writer r(risk, 256 + frame_size);
    r.number(sec), r.number(nanosec), r.text(frame, frame_size - 1), r.number(sequence), r.number(uint8_t{0}), r.number(model.collision), r.number(2.0f), r.number(model.uncertainty);
    r.number(uint8_t{latch.on}), r.text("peer", 4);
    r.send();

    Writer v(violations, 256 + frame_size + 128 * latches.size());
    v.number(sec), v.number(nanosec), v.text(frame, frame_size - 1), v.number(sequence), v.number(uint8_t{0}), v.number(2.0f), v.number(static_cast<uint32_t>(latches.size()));
    for (size_t i = 0; i < latches.size(); i++) {
      v.text("constraint", 10), v.number(model.violation[i]), v.number(0.0f), v.number(model.input[0]), v.text("m", 1), v.number(uint8_t{latches[i].on});
    }
    v.text("peer", 4);
    v.send();

    Writer a(alarm, 16);
    a.number(uint8_t{latch.on});
    a.send();

    const int64_t published = now_ns(CLOCK_MONOTONIC);
    Writer l(latency, 256 + frame_size);
    l.number(sec), l.number(nanosec), l.text(frame, frame_size - 1), l.number(sequence);
    for (int64_t stage : {int64_t{0}, int64_t{0}, queued, judged - start, published - judged, queued + published - start}) l.duration(stage);
    l.duration(0), l.number(uint32_t{0});
    for (int i = 0; i < 5; i++) l.duration(0);
    l.number(0.0f), l.number(uint32_t{0});
    l.send();
  }

  qd_entity *features;

private:
  Model &model;
  qd_entity *risk, *violations, *alarm, *latency;
  uint64_t sequence = 0;
  Latch latch;
  std::vector<Latch> latches;
};

}  // namespace

int main(int argc, char **argv)
{
  if (argc != 6 && argc != 8) die("usage: onboard_peer DOMAIN LIBONNXRUNTIME MODEL FEATURES CONSTRAINTS [BUSY_POLL_US KEEP_WARM_HZ]");
  const int64_t busy_poll = argc == 8 ? std::atoll(argv[6]) * 1000 : 0, keep_warm = argc == 8 && std::atoi(argv[7]) > 0 ? INT64_C(1000000000) / std::atoi(argv[7]) : 0;
  Model model(argv[2], argv[3], static_cast<size_t>(std::atoi(argv[4])), static_cast<size_t>(std::atoi(argv[5])));
  qd_context_options o{};
  o.size = sizeof o, o.domain_id = static_cast<uint32_t>(std::atoi(argv[1])), o.discovery = QD_DISCOVERY_LOOPBACK;
  qd_context *context;
  qd_node *node;
  qd_wait_set *set;
  must(qd_context_create(&o, &context));
  must(qd_node_create(context, "risk_peer", "/", &node));
  must(qd_wait_set_create(context, &set));
  must(qd_wait_set_busy_poll(set, busy_poll));
  {
    Peer peer(model, node);
    must(qd_wait_set_attach(set, peer.features, 1));
    must(qd_guard_create(context, &stop_guard));
    must(qd_wait_set_attach(set, stop_guard, 2));
    uint64_t tokens[8];
    must(qd_wait_set_wait(set, 0, tokens, 8));
    pthread_t watcher;
    pthread_create(&watcher, nullptr, watch_input, nullptr);
    std::printf("ready\n");
    std::fflush(stdout);
    int64_t warm_at = now_ns(CLOCK_MONOTONIC) + keep_warm;
    for (bool stop = false; !stop;) {
      const int64_t left = keep_warm ? std::max<int64_t>(0, warm_at - now_ns(CLOCK_MONOTONIC)) : -1;
      const int32_t count = must(qd_wait_set_wait(set, left, tokens, 8));
      if (keep_warm && now_ns(CLOCK_MONOTONIC) >= warm_at) {
        model.predict();
        warm_at = now_ns(CLOCK_MONOTONIC) + keep_warm;
      }
      for (int32_t i = 0; i < count; i++) {
        stop = stop || tokens[i] == 2;
        qd_sample samples[16];
        const int32_t got = tokens[i] == 1 ? must(qd_take(peer.features, samples, 16)) : 0;
        for (int32_t j = 0; j < got; j++) peer.on_features(samples[j]);
        qd_release(samples, got);
      }
    }
    pthread_join(watcher, nullptr);
    qd_entity_destroy(stop_guard);
  }
  qd_wait_set_destroy(set), qd_node_destroy(node), qd_context_destroy(context);
  return 0;
}
