// The peers of the C# benchmarks, in C++ on the same libraries: one knowledge-distillation training step with libtorch, and a bound run of ONNX
// Runtime through its C API. Only the benchmarks load this.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcdiv.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_sqrt.h>
#include <ATen/ops/_foreach_zero.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cdist.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/kl_div.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/smooth_l1_loss.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>
#include <dlfcn.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <vector>

#define QD_BENCH_API extern "C" __attribute__((visibility("default")))

namespace {

// An MLP 32-64-64-3 and its Adam, batches of 256 rows of random numbers.
struct Student {
  static constexpr int64_t kRows = 8192, kBatch = 256;
  at::Tensor x;
  std::vector<at::Tensor> parameters, mean, square;
  int64_t step = 0;

  Student() {
    at::manual_seed(7);
    x = at::randn({kRows, 32});
    const int64_t sizes[] = {32, 64, 64, 3};
    for (int layer = 0; layer < 3; layer++) {
      double bound = 1 / std::sqrt(static_cast<double>(sizes[layer]));
      for (auto shape : {std::vector<int64_t>{sizes[layer + 1], sizes[layer]}, std::vector<int64_t>{sizes[layer + 1]}}) {
        auto p = (at::rand(shape) * 2 - 1) * bound;
        parameters.push_back(p.detach().set_requires_grad(true));
      }
    }
    for (const auto &p : parameters) {
      mean.push_back(at::zeros_like(p));
      square.push_back(at::zeros_like(p));
    }
  }

  void zero() {
    std::vector<at::Tensor> grads;
    for (const auto &p : parameters)
      if (p.grad().defined()) grads.push_back(p.grad());
    if (!grads.empty()) at::_foreach_zero_(grads);
  }

  void adam() {
    c10::GradMode::set_enabled(false);
    step++;
    std::vector<at::Tensor> grads;
    for (const auto &p : parameters) grads.push_back(p.grad());
    at::_foreach_mul_(mean, 0.9);
    at::_foreach_add_(mean, grads, 0.1);
    at::_foreach_mul_(square, 0.999);
    at::_foreach_addcmul_(square, grads, grads, 0.001);
    auto d = at::_foreach_sqrt(square);
    at::_foreach_div_(d, std::sqrt(1 - std::pow(0.999, step)));
    at::_foreach_add_(d, 1e-8);
    at::_foreach_addcdiv_(parameters, mean, d, -1e-3 / (1 - std::pow(0.9, step)));
    c10::GradMode::set_enabled(true);
  }
};

// 0.7 T^2 KL(soft targets, T = 2) + 0.3 cross entropy, relu.
struct Distillation : Student {
  at::Tensor soft, hard;

  Distillation() {
    at::Tensor logits = x.matmul(at::randn({32, 3}));
    soft = at::softmax(logits / 2, 1);
    hard = at::argmax(logits, 1);
  }

  double run(int n) {
    at::Tensor loss;
    for (int i = 0; i < n; i++) {
      zero();
      int64_t at_row = (step * kBatch) % kRows;
      auto xb = x.narrow(0, at_row, kBatch), q = soft.narrow(0, at_row, kBatch), y = hard.narrow(0, at_row, kBatch);
      auto h = at::relu(at::linear(xb, parameters[0], parameters[1]));
      h = at::relu(at::linear(h, parameters[2], parameters[3]));
      auto z = at::linear(h, parameters[4], parameters[5]);
      auto kl = at::kl_div(at::log_softmax(z / 2, 1), q, at::Reduction::Sum);
      loss = kl * (0.7 * 4 / kBatch) + at::cross_entropy_loss(z, y) * 0.3;
      torch::autograd::backward({loss}, {});
      adam();
    }
    return loss.item<double>();
  }
};

// Binary soft targets at T = 2, distances (RKD), angles among 48 rows, centred kernel alignment with a teacher's 12 numbers a row, tanh.
struct RelationalDistillation : Student {
  static constexpr int64_t kAngles = 48;
  at::Tensor probability, teacher;

  RelationalDistillation() {
    probability = x.matmul(at::randn({32, 3})).sigmoid();
    teacher = x.matmul(at::randn({32, 12})).tanh();
  }

  static at::Tensor distances(const at::Tensor &v, int64_t pairs) {
    auto d = at::cdist(v, v, 2, 2);
    return d / (d.sum() / pairs).clamp_min(1e-12);
  }

  static at::Tensor cosines(const at::Tensor &v) {
    auto d = v.unsqueeze(0) - v.unsqueeze(1);
    auto e = d / d.norm(2, {2}, true).clamp_min(1e-12).expand_as(d) * (d.detach().square().sum(2, true) > 1e-12).to(v.dtype());
    return e.bmm(e.transpose(1, 2));
  }

  static at::Tensor alignment(const at::Tensor &a, const at::Tensor &b) {
    auto t = a - a.mean({0}, true), s = b - b.mean({0}, true);
    auto joint = t.t().matmul(s).square().sum();
    auto apart = s.t().matmul(s).square().sum().sqrt() * t.t().matmul(t).square().sum().sqrt();
    return 1 - joint / apart.clamp_min(1e-12);
  }

  double run(int n) {
    at::Tensor loss;
    const int64_t pairs = kBatch * (kBatch - 1);
    for (int i = 0; i < n; i++) {
      zero();
      int64_t at_row = (step * kBatch) % kRows;
      auto xb = x.narrow(0, at_row, kBatch), q = probability.narrow(0, at_row, kBatch), r = teacher.narrow(0, at_row, kBatch);
      auto h = at::tanh(at::linear(xb, parameters[0], parameters[1]));
      h = at::tanh(at::linear(h, parameters[2], parameters[3]));
      auto z = at::linear(h, parameters[4], parameters[5]);
      at::Tensor far, turned;
      {
        c10::AutoGradMode off(false);
        far = distances(r, pairs);
        turned = cosines(r.narrow(0, 0, kAngles));
      }
      auto p = q.clamp(1e-6, 1 - 1e-6);
      auto target = ((p / (1 - p)).log() / 2).sigmoid();
      loss = at::binary_cross_entropy_with_logits(z / 2, target) * 4;
      loss = loss + at::smooth_l1_loss(distances(h, pairs), far, at::Reduction::Sum) / pairs;
      loss = loss + at::smooth_l1_loss(cosines(h.narrow(0, 0, kAngles)), turned) * 2;
      loss = loss + alignment(r, h) * 0.5;
      torch::autograd::backward({loss}, {});
      adam();
    }
    return loss.item<double>();
  }
};

}  // namespace

QD_BENCH_API void *qd_bench_distillation_new(void) {
  at::set_num_threads(1);
  if (auto set = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) set(1);
  return new Distillation();
}

QD_BENCH_API double qd_bench_distillation_steps(void *state, int n) { return static_cast<Distillation *>(state)->run(n); }

QD_BENCH_API void qd_bench_distillation_free(void *state) { delete static_cast<Distillation *>(state); }

QD_BENCH_API void *qd_bench_relational_new(void) { return new RelationalDistillation(); }

QD_BENCH_API double qd_bench_relational_steps(void *state, int n) { return static_cast<RelationalDistillation *>(state)->run(n); }

QD_BENCH_API void qd_bench_relational_free(void *state) { delete static_cast<RelationalDistillation *>(state); }

// run_with_binding: the entry of ONNX Runtime's function table. Returns the first failure, or null.
QD_BENCH_API void *qd_bench_bound_runs(void *(*run_with_binding)(void *, const void *, const void *), void *session, void *options, void *binding, int n) {
  void *status = nullptr;
  for (int i = 0; i < n && status == nullptr; i++) status = run_with_binding(session, options, binding);
  return status;
}
