// Tests of the shim through its C interface alone.
#include "qd_torch.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

static int failures = 0;

#define CHECK(condition)                                                       \
  do {                                                                         \
    if (!(condition)) {                                                        \
      std::printf("%s:%d: %s is false\n", __FILE__, __LINE__, #condition);     \
      failures++;                                                              \
    }                                                                          \
  } while (0)

#define OK(call)                                                                                \
  do {                                                                                          \
    if ((call) != 0) {                                                                          \
      std::printf("%s:%d: %s failed: %s\n", __FILE__, __LINE__, #call, qd_torch_error());       \
      std::exit(1);                                                                             \
    }                                                                                           \
  } while (0)

enum { kLong = 4, kFloat = 6, kDouble = 7, kComplexFloat = 9 };

static qd_torch_value tensor(void *t) { return {QD_TORCH_TENSOR, 0, {t}}; }
static qd_torch_value integer(int64_t i) {
  qd_torch_value v{QD_TORCH_INT, 0, {nullptr}};
  v.v.i = i;
  return v;
}
static qd_torch_value real(double d) {
  qd_torch_value v{QD_TORCH_DOUBLE, 0, {nullptr}};
  v.v.d = d;
  return v;
}

static qd_torch_operator *find(const char *name, const char *overload = "") {
  qd_torch_operator *op = nullptr;
  OK(qd_torch_operator_find(name, overload, &op));
  return op;
}

static void *call(const char *name, const char *overload, std::vector<qd_torch_value> args) {
  qd_torch_value result{};
  int32_t n = 0;
  OK(qd_torch_call(find(name, overload), args.data(), static_cast<int32_t>(args.size()), &result, 1, &n));
  CHECK(n == 1 && result.tag == QD_TORCH_TENSOR);
  return result.v.p;
}

static void *vector_of(std::vector<float> values, bool requires_grad = false) {
  int64_t shape = static_cast<int64_t>(values.size());
  void *out = nullptr;
  OK(qd_torch_from_data(values.data(), &shape, 1, kFloat, requires_grad, &out));
  return out;
}

static std::vector<float> floats(void *t) {
  void *data = nullptr;
  OK(qd_torch_data(t, &data));
  auto *f = static_cast<float *>(data);
  return std::vector<float>(f, f + qd_torch_numel(t));
}

static void operators_take_defaults_lists_and_wide_numbers() {
  void *a = vector_of({1, 2, 3}), *b = vector_of({10, 20, 30});
  void *sum = call("aten::add", "Tensor", {tensor(a), tensor(b)});  // alpha = 1 by default
  CHECK(floats(sum) == (std::vector<float>{11, 22, 33}));
  void *list[] = {a, b};
  void *cat = call("aten::cat", "", {{QD_TORCH_TENSOR_LIST, 2, {list}}});
  CHECK(qd_torch_numel(cat) == 6 && qd_torch_dim(cat) == 1);
  int64_t shape[] = {2, 2};
  void *zeros = call("aten::zeros", "", {{QD_TORCH_INT_LIST, 2, {shape}}, integer(kDouble)});
  CHECK(qd_torch_dtype(zeros) == kDouble && qd_torch_storage_bytes(zeros) == 32);
  void *dropped = call("aten::dropout", "", {tensor(a), integer(1), {QD_TORCH_BOOL, 0, {reinterpret_cast<void *>(1)}}});  // int for a float
  CHECK(floats(dropped) == (std::vector<float>{0, 0, 0}));
  qd_torch_value results[4];
  int32_t n = 0;
  qd_torch_value args[] = {tensor(a), integer(0)};
  OK(qd_torch_call(find("aten::unbind", "int"), args, 2, results, 4, &n));
  CHECK(n == 4 && results[0].tag == QD_TORCH_TENSOR_LIST && results[0].n == 3);
  for (int i = 1; i < 4; i++) qd_torch_free(results[i].v.p);
  void *all[] = {a, b, sum, cat, zeros, dropped};
  qd_torch_free_many(all, 6);
}

static void too_little_room_fails_and_leaks_nothing() {
  void *a = vector_of({1, 2, 3});
  int64_t live = qd_torch_live_tensors();
  qd_torch_value results[2];
  int32_t n = 0;
  qd_torch_value args[] = {tensor(a)};
  CHECK(qd_torch_call(find("aten::unbind", "int"), args, 1, results, 2, &n) == 1);
  CHECK(std::strstr(qd_torch_error(), "not enough") != nullptr);
  CHECK(qd_torch_live_tensors() == live);
  qd_torch_free(a);
}

static void failures_are_text() {
  qd_torch_operator *op = nullptr;
  CHECK(qd_torch_operator_find("aten::no_such_operator", "", &op) == 1);
  CHECK(std::strstr(qd_torch_error(), "no_such_operator") != nullptr);
  void *a = vector_of({1, 2, 3}), *b = vector_of({1, 2});
  qd_torch_value r;
  int32_t n;
  qd_torch_value mismatch[] = {tensor(a), tensor(b)};
  CHECK(qd_torch_call(find("aten::add", "Tensor"), mismatch, 2, &r, 1, &n) == 1);
  CHECK(std::strstr(qd_torch_error(), "must match the size") != nullptr);
  CHECK(qd_torch_call(find("aten::add", "Tensor"), mismatch, 1, &r, 1, &n) == 1);
  CHECK(std::strstr(qd_torch_error(), "other is missing") != nullptr);
  qd_torch_value wrong[] = {tensor(a), real(0.5)};
  CHECK(qd_torch_call(find("aten::mm"), wrong, 2, &r, 1, &n) == 1);
  qd_torch_value many[] = {tensor(a), tensor(b), integer(1), integer(1)};
  CHECK(qd_torch_call(find("aten::add", "Tensor"), many, 4, &r, 1, &n) == 1);
  CHECK(std::strstr(qd_torch_error(), "takes 3 arguments, not 4") != nullptr);
  char text[8];
  CHECK(qd_torch_operator_schema(find("aten::add", "Tensor"), text, sizeof text) > 8);
  CHECK(std::string(text) == "aten::a");
  qd_torch_free(a);
  qd_torch_free(b);
}

static void gradients_flow() {
  void *x = vector_of({1, 2, 3}, true);
  void *y = call("aten::mul", "Tensor", {tensor(x), tensor(x)});
  void *s = call("aten::sum", "", {tensor(y)});
  OK(qd_torch_backward(&s, 1, nullptr, 0, 0, 0, nullptr, 0));
  void *g = nullptr;
  OK(qd_torch_grad(x, &g));
  CHECK(floats(g) == (std::vector<float>{2, 4, 6}));
  int32_t tag = 0;
  double value[2];
  int64_t i;
  OK(qd_torch_item(s, &tag, value, &i));
  CHECK(tag == QD_TORCH_DOUBLE && value[0] == 14);
  CHECK(qd_torch_backward(&s, 1, nullptr, 0, 0, 0, nullptr, 0) == 1);  // the graph is gone
  OK(qd_torch_set_grad(x, nullptr));
  void *none = x;
  OK(qd_torch_grad(x, &none));
  CHECK(none == nullptr);
  qd_torch_grad_mode(0);
  void *z = call("aten::mul", "Tensor", {tensor(x), tensor(x)});
  CHECK(!qd_torch_requires_grad(z));
  CHECK(qd_torch_grad_mode(1) == 0);
  void *all[] = {x, y, s, g, z};
  qd_torch_free_many(all, 5);
}

// cube: y = x^3, saving its input and its output.
struct Cube {
  int *released;
  bool fail;
};

static int cube_backward(void *context, qd_torch_node *node, void *const *grads, int32_t n_grads, void **input_grads, int32_t n_inputs) {
  if (static_cast<Cube *>(context)->fail) {
    qd_torch_function_fail("cube: the backward was told to fail");
    return 1;
  }
  CHECK(n_grads == 1 && n_inputs == 1);
  void *saved[2];
  if (qd_torch_function_saved(node, saved, 2) != 0) {
    qd_torch_function_fail(qd_torch_error());
    return 1;
  }
  CHECK(floats(saved[1])[0] == 8);  // the output
  void *square = call("aten::mul", "Tensor", {tensor(saved[0]), tensor(saved[0])});
  void *three = call("aten::mul", "Scalar", {tensor(square), real(3)});
  input_grads[0] = call("aten::mul", "Tensor", {tensor(three), tensor(grads[0])});
  void *all[] = {saved[0], saved[1], square, three};
  qd_torch_free_many(all, 4);
  return 0;
}

static void *apply_cube(void *x, Cube *cube) {
  CHECK(qd_torch_function_recorded(&x, 1));
  qd_torch_node *node = nullptr;
  OK(qd_torch_function_new("Cube", &x, 1, cube_backward, [](void *c) { ++*static_cast<Cube *>(c)->released; }, cube, &node));
  qd_torch_grad_mode(0);
  void *square = call("aten::mul", "Tensor", {tensor(x), tensor(x)});
  void *raw = call("aten::mul", "Tensor", {tensor(square), tensor(x)});
  qd_torch_grad_mode(1);
  void *y = nullptr;
  OK(qd_torch_function_wrap(node, &x, 1, nullptr, 0, nullptr, 0, &raw, 1, &y));
  void *keep[] = {x, y};
  OK(qd_torch_function_save(node, keep, 2));
  qd_torch_function_drop(node);
  qd_torch_free(square);
  qd_torch_free(raw);
  return y;
}

static void callers_define_operators() {
  int released = 0;
  Cube cube{&released, false};
  void *x = vector_of({2}, true);
  void *y = apply_cube(x, &cube);
  CHECK(floats(y)[0] == 8 && qd_torch_requires_grad(y) && !qd_torch_is_leaf(y));
  void *twice = call("aten::mul", "Scalar", {tensor(y), integer(2)});
  OK(qd_torch_backward(&twice, 1, nullptr, 0, 1, 0, nullptr, 0));
  void *g = nullptr;
  OK(qd_torch_grad(x, &g));
  CHECK(floats(g)[0] == 24);
  OK(qd_torch_backward(&twice, 1, nullptr, 0, 0, 0, nullptr, 0));
  CHECK(qd_torch_backward(&twice, 1, nullptr, 0, 0, 0, nullptr, 0) == 1);
  CHECK(released == 0);
  void *all[] = {x, y, twice, g};
  qd_torch_free_many(all, 4);
  CHECK(released == 1);

  cube.fail = true;
  x = vector_of({2}, true);
  y = apply_cube(x, &cube);
  CHECK(qd_torch_backward(&y, 1, nullptr, 0, 0, 0, nullptr, 0) == 1);
  CHECK(std::strstr(qd_torch_error(), "told to fail") != nullptr);
  qd_torch_free(x);
  qd_torch_free(y);
  CHECK(released == 2);
}

static void memory_may_be_wrapped() {
  static int released = 0;
  double data[] = {1, 2, 3, 4};
  int64_t shape[] = {2, 2};
  void *t = nullptr;
  OK(qd_torch_from_memory(data, shape, 2, kDouble, [](void *) { released++; }, nullptr, &t));
  data[3] = 40;
  void *s = call("aten::sum", "", {tensor(t)});
  int32_t tag;
  double value[2];
  int64_t i;
  OK(qd_torch_item(s, &tag, value, &i));
  CHECK(value[0] == 46);
  qd_torch_free(t);
  CHECK(released == 1);
  qd_torch_free(s);
}

static void generators_repeat() {
  void *g = qd_torch_generator_new(7);
  int64_t n = 5;
  auto draw = [&] { return call("aten::randn", "generator", {{QD_TORCH_INT_LIST, 1, {&n}}, {QD_TORCH_GENERATOR, 0, {g}}}); };
  void *a = draw(), *b = draw();
  OK(qd_torch_generator_seed(g, 7));
  void *c = draw();
  CHECK(floats(a) == floats(c) && floats(a) != floats(b));
  CHECK(qd_torch_generator_initial_seed(g) == 7);
  void *state = nullptr;
  OK(qd_torch_generator_state(g, &state));
  void *d = draw();
  OK(qd_torch_generator_set_state(g, state));
  void *e = draw();
  CHECK(floats(d) == floats(e));
  void *all[] = {a, b, c, d, e, state};
  qd_torch_free_many(all, 6);
  qd_torch_generator_free(g);
}

static void threads_are_pinned_in_both_libraries() {
  OK(qd_torch_set_num_threads(1));
  CHECK(qd_torch_num_threads() == 1);
  CHECK(qd_torch_openblas_threads() <= 1);
}

static void trainings_run_side_by_side() {
  std::vector<std::thread> threads;
  for (int k = 0; k < 4; k++)
    threads.emplace_back([] {
      void *w = vector_of({0.5f, -0.25f, 1}, true), *x = vector_of({1, 2, 3});
      for (int step = 0; step < 200; step++) {
        void *p = call("aten::dot", "", {tensor(w), tensor(x)});
        void *loss = call("aten::mul", "Tensor", {tensor(p), tensor(p)});
        OK(qd_torch_backward(&loss, 1, nullptr, 0, 0, 0, nullptr, 0));
        void *g = nullptr;
        OK(qd_torch_grad(w, &g));
        qd_torch_grad_mode(0);
        qd_torch_free(call("aten::add_", "Tensor", {tensor(w), tensor(g), real(-0.01)}));
        qd_torch_grad_mode(1);
        OK(qd_torch_set_grad(w, nullptr));
        void *all[] = {p, loss, g};
        qd_torch_free_many(all, 3);
      }
      void *p = call("aten::dot", "", {tensor(w), tensor(x)});
      CHECK(std::fabs(floats(p)[0]) < 1e-3);
      void *all[] = {w, x, p};
      qd_torch_free_many(all, 3);
    });
  for (auto &t : threads) t.join();
}

int main() {
  CHECK(qd_torch_abi_version() == QD_TORCH_ABI_VERSION);
  CHECK(std::strlen(qd_torch_library_version()) > 0);
  operators_take_defaults_lists_and_wide_numbers();
  too_little_room_fails_and_leaks_nothing();
  failures_are_text();
  gradients_flow();
  callers_define_operators();
  memory_may_be_wrapped();
  generators_repeat();
  threads_are_pinned_in_both_libraries();
  trainings_run_side_by_side();
  CHECK(qd_torch_live_tensors() == 0);
  std::printf(failures ? "%d checks failed\n" : "all checks passed\n", failures);
  return failures ? 1 : 0;
}
