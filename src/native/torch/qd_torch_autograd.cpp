// Gradients: backward passes, modes, and operators whose backward is a C callback.
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/saved_variable.h>
#include <torch/csrc/autograd/variable.h>

#include <mutex>
#include <unordered_set>

#include "qd_torch.h"
#include "qd_torch_internal.h"

using qd::borrow;
using qd::give;
using qd::guarded;
using torch::autograd::variable_list;

static variable_list borrow_all(void *const *handles, int32_t n) {
  variable_list list;
  list.reserve(n);
  for (int32_t i = 0; i < n; i++) list.push_back(borrow(handles[i]));
  return list;
}

namespace {

thread_local std::string callback_error;

struct CallbackNode final : torch::autograd::Node {
  CallbackNode(std::string name, int32_t n_inputs, qd_torch_backward_fn backward, void (*release)(void *), void *context)
      : name_(std::move(name)), n_inputs_(n_inputs), backward_(backward), release_(release), context_(context) {}

  ~CallbackNode() override {
    if (release_) release_(context_);
  }

  std::string name() const override { return name_; }
  variable_list apply(variable_list &&grads) override;

  void release_variables() override {
    std::lock_guard<std::mutex> lock(mutex_);
    saved_.clear();
    released_ = true;
  }

  void save(const variable_list &tensors) {
    std::lock_guard<std::mutex> lock(mutex_);
    saved_.clear();
    for (const auto &t : tensors) {
      // An output that the node itself kept whole would keep the node alive for ever.
      bool is_output = t.defined() && !t.is_leaf() && t.grad_fn().get() == this;
      saved_.emplace_back(t, is_output);
    }
  }

  variable_list saved() {
    std::lock_guard<std::mutex> lock(mutex_);
    TORCH_CHECK(!released_, torch::autograd::ERR_BACKWARD_TWICE);
    variable_list out;
    for (auto &s : saved_) out.push_back(s.unpack(shared_from_this()));
    return out;
  }

 private:
  std::string name_;
  int32_t n_inputs_;
  qd_torch_backward_fn backward_;
  void (*release_)(void *);
  void *context_;
  std::vector<torch::autograd::SavedVariable> saved_;
  bool released_ = false;
};

}  // namespace

struct qd_torch_node {
  std::shared_ptr<CallbackNode> node;
};

variable_list CallbackNode::apply(variable_list &&grads) {
  std::vector<void *> in(grads.size()), out(n_inputs_, nullptr);
  for (size_t i = 0; i < grads.size(); i++) in[i] = grads[i].defined() ? grads[i].unsafeGetTensorImpl() : nullptr;
  qd_torch_node self{std::static_pointer_cast<CallbackNode>(shared_from_this())};
  callback_error.clear();
  int failed = backward_(context_, &self, in.data(), static_cast<int32_t>(in.size()), out.data(), n_inputs_);
  variable_list result;
  for (void *h : out) {
    result.push_back(borrow(h));
    qd_torch_free(h);
  }
  TORCH_CHECK(!failed, callback_error.empty() ? name_ + ": the backward function failed" : callback_error);
  return result;
}

extern "C" {

int qd_torch_set_requires_grad(void *tensor, int32_t on) {
  return guarded([&] { borrow(tensor).set_requires_grad(on != 0); });
}

int32_t qd_torch_requires_grad(void *tensor) { return borrow(tensor).requires_grad(); }

int32_t qd_torch_is_leaf(void *tensor) { return borrow(tensor).is_leaf(); }

int qd_torch_retain_grad(void *tensor) {
  return guarded([&] { borrow(tensor).retain_grad(); });
}

int qd_torch_grad(void *tensor, void **out) {
  return guarded([&] { *out = give(borrow(tensor).grad()); });
}

int qd_torch_set_grad(void *tensor, void *grad) {
  return guarded([&] { borrow(tensor).mutable_grad() = borrow(grad); });
}

int qd_torch_grad_many(void *const *tensors, int32_t n, void **out) {
  return guarded([&] {
    for (int32_t i = 0; i < n; i++) out[i] = give(borrow(tensors[i]).grad());
  });
}

int qd_torch_set_data(void *tensor, void *new_data) {
  return guarded([&] { borrow(tensor).set_data(borrow(new_data)); });
}

int qd_torch_backward(void *const *tensors, int32_t n, void *const *grads, int32_t n_grads, int32_t retain_graph, int32_t create_graph,
                      void *const *inputs, int32_t n_inputs) {
  return guarded([&] {
    torch::autograd::backward(borrow_all(tensors, n), borrow_all(grads, n_grads), retain_graph != 0, create_graph != 0,
                              borrow_all(inputs, n_inputs));
  });
}

int qd_torch_autograd_grad(void *const *outputs, int32_t n, void *const *inputs, int32_t n_inputs, void *const *grads, int32_t n_grads,
                           int32_t retain_graph, int32_t create_graph, int32_t allow_unused, void **result) {
  return guarded([&] {
    auto r = torch::autograd::grad(borrow_all(outputs, n), borrow_all(inputs, n_inputs), borrow_all(grads, n_grads), retain_graph != 0,
                                   create_graph != 0, allow_unused != 0);
    for (size_t i = 0; i < r.size(); i++) result[i] = give(std::move(r[i]));
  });
}

int32_t qd_torch_grad_mode(int32_t on) {
  bool before = c10::GradMode::is_enabled();
  if (on >= 0) c10::GradMode::set_enabled(on != 0);
  return before;
}

int32_t qd_torch_inference_mode(void) { return c10::InferenceMode::is_enabled(); }

void *qd_torch_inference_guard_new(int32_t on) { return new c10::InferenceMode(on != 0); }

void qd_torch_inference_guard_free(void *guard) { delete static_cast<c10::InferenceMode *>(guard); }

void qd_torch_function_fail(const char *message) { callback_error = message; }

int32_t qd_torch_function_recorded(void *const *inputs, int32_t n_inputs) {
  if (!c10::GradMode::is_enabled()) return 0;
  for (int32_t i = 0; i < n_inputs; i++)
    if (inputs[i] && borrow(inputs[i]).requires_grad()) return 1;
  return 0;
}

int qd_torch_function_new(const char *name, void *const *inputs, int32_t n_inputs, qd_torch_backward_fn backward, void (*release)(void *),
                          void *context, qd_torch_node **out) {
  return guarded([&] {
    std::shared_ptr<CallbackNode> node(new CallbackNode(name, n_inputs, backward, release, context), torch::autograd::deleteNode);
    node->set_next_edges(torch::autograd::collect_next_edges(borrow_all(inputs, n_inputs)));
    *out = new qd_torch_node{std::move(node)};
  });
}

int qd_torch_function_wrap(qd_torch_node *node, void *const *inputs, int32_t n_inputs, void *const *non_differentiable, int32_t n_non,
                           void *const *dirty, int32_t n_dirty, void *const *outputs, int32_t n_outputs, void **results) {
  return guarded([&] {
    std::unordered_set<at::TensorImpl *> non, touched;
    for (int32_t i = 0; i < n_non; i++) non.insert(static_cast<at::TensorImpl *>(non_differentiable[i]));
    for (int32_t i = 0; i < n_dirty; i++) touched.insert(static_cast<at::TensorImpl *>(dirty[i]));
    std::vector<c10::optional<at::Tensor>> raw;
    for (int32_t i = 0; i < n_outputs; i++) raw.emplace_back(borrow(outputs[i]));
    auto no_forward_mode = [](variable_list, variable_list) -> variable_list {
      TORCH_CHECK(false, "forward-mode differentiation of custom functions is not supported");
    };
    auto wrapped =
        torch::autograd::_wrap_outputs(borrow_all(inputs, n_inputs), non, touched, raw, node ? node->node : nullptr, no_forward_mode);
    for (size_t i = 0; i < wrapped.size(); i++) results[i] = wrapped[i].has_value() ? give(*wrapped[i]) : nullptr;
  });
}

int qd_torch_function_save(qd_torch_node *node, void *const *tensors, int32_t n) {
  return guarded([&] { node->node->save(borrow_all(tensors, n)); });
}

int qd_torch_function_saved(qd_torch_node *node, void **out, int32_t n) {
  return guarded([&] {
    auto saved = node->node->saved();
    TORCH_CHECK(static_cast<int32_t>(saved.size()) == n, "the function saved ", saved.size(), " tensors, not ", n);
    for (int32_t i = 0; i < n; i++) out[i] = give(std::move(saved[i]));
  });
}

void qd_torch_function_drop(qd_torch_node *node) { delete node; }

}  // extern "C"
