#include "qd_torch.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Generator.h>
#include <ATen/core/List.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/DefaultDtype.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <sstream>
#include <string>

#include "qd_torch_internal.h"

using at::Tensor;
using c10::IValue;
using c10::TensorImpl;

namespace qd {

thread_local std::string last_error;
std::atomic<int64_t> live_tensors{0};

static void release_reference(TensorImpl *t) {
  live_tensors.fetch_sub(1, std::memory_order_relaxed);
  TensorPointer::reclaim(t);  // the temporary's destructor gives the reference back
}

}  // namespace qd

using qd::borrow;
using qd::give;
using qd::guarded;

struct qd_torch_operator {
  c10::OperatorHandle handle;
  std::vector<bool> takes_float;  // by argument
  size_t n_arguments;
  size_t n_returns;
};

static IValue to_ivalue(const qd_torch_value &a, bool takes_float) {
  switch (a.tag) {
    case QD_TORCH_NONE:
      return IValue();
    case QD_TORCH_TENSOR:
      return IValue(borrow(a.v.p));
    case QD_TORCH_INT:
      return takes_float ? IValue(static_cast<double>(a.v.i)) : IValue(a.v.i);
    case QD_TORCH_DOUBLE:
      return IValue(a.v.d);
    case QD_TORCH_BOOL:
      return IValue(a.v.i != 0);
    case QD_TORCH_INT_LIST: {
      c10::List<int64_t> list;
      list.reserve(a.n);
      for (int32_t k = 0; k < a.n; k++) list.push_back(static_cast<const int64_t *>(a.v.p)[k]);
      return IValue(std::move(list));
    }
    case QD_TORCH_DOUBLE_LIST: {
      c10::List<double> list;
      list.reserve(a.n);
      for (int32_t k = 0; k < a.n; k++) list.push_back(static_cast<const double *>(a.v.p)[k]);
      return IValue(std::move(list));
    }
    case QD_TORCH_BOOL_LIST: {
      c10::List<bool> list;
      list.reserve(a.n);
      for (int32_t k = 0; k < a.n; k++) list.push_back(static_cast<const uint8_t *>(a.v.p)[k] != 0);
      return IValue(std::move(list));
    }
    case QD_TORCH_TENSOR_LIST: {
      c10::List<Tensor> list;
      list.reserve(a.n);
      for (int32_t k = 0; k < a.n; k++) list.push_back(borrow(static_cast<void *const *>(a.v.p)[k]));
      return IValue(std::move(list));
    }
    case QD_TORCH_OPTIONAL_TENSOR_LIST: {
      c10::List<c10::optional<Tensor>> list;
      list.reserve(a.n);
      for (int32_t k = 0; k < a.n; k++) {
        void *h = static_cast<void *const *>(a.v.p)[k];
        list.push_back(h ? c10::optional<Tensor>(borrow(h)) : c10::nullopt);
      }
      return IValue(std::move(list));
    }
    case QD_TORCH_STRING:
      return IValue(std::string(static_cast<const char *>(a.v.p), a.n));
    case QD_TORCH_COMPLEX: {
      const double *z = static_cast<const double *>(a.v.p);
      return IValue(c10::complex<double>(z[0], z[1]));
    }
    case QD_TORCH_DEVICE:
      return IValue(c10::Device(std::string(static_cast<const char *>(a.v.p), a.n)));
    case QD_TORCH_GENERATOR:
      return IValue(*static_cast<at::Generator *>(a.v.p));
    default:
      TORCH_CHECK(false, "unknown argument tag ", a.tag);
  }
}

namespace {

// Writes results in the tagged form; on overflow everything written so far is freed again.
class ResultWriter {
 public:
  ResultWriter(qd_torch_value *out, int32_t capacity) : out_(out), capacity_(capacity) {}

  int32_t count() const { return n_; }

  void put(IValue &&r) {
    if (r.isTensor()) {
      put_tensor(std::move(r).toTensor());
    } else if (r.isBool()) {
      next(QD_TORCH_BOOL).v.i = r.toBool();
    } else if (r.isInt()) {
      next(QD_TORCH_INT).v.i = r.toInt();
    } else if (r.isDouble()) {
      next(QD_TORCH_DOUBLE).v.d = r.toDouble();
    } else if (r.isTensorList()) {
      auto list = r.toTensorVector();
      next(QD_TORCH_TENSOR_LIST).n = static_cast<int32_t>(list.size());
      for (auto &t : list) put_tensor(std::move(t));
    } else if (r.isIntList()) {
      auto list = r.toIntVector();
      next(QD_TORCH_INT_LIST).n = static_cast<int32_t>(list.size());
      for (int64_t v : list) next(QD_TORCH_INT).v.i = v;
    } else if (r.isNone()) {
      next(QD_TORCH_NONE).v.i = 0;
    } else {
      TORCH_CHECK(false, "a result of type ", r.tagKind(), " cannot be handed over");
    }
  }

  void undo() {
    for (int32_t k = 0; k < n_; k++)
      if (out_[k].tag == QD_TORCH_TENSOR) qd_torch_free(out_[k].v.p);
    n_ = 0;
  }

 private:
  void put_tensor(Tensor t) {
    qd_torch_value &slot = next(QD_TORCH_TENSOR);
    slot.v.p = give(std::move(t));
  }

  qd_torch_value &next(int32_t tag) {
    TORCH_CHECK(n_ < capacity_, "room for ", capacity_, " results is not enough");
    out_[n_] = qd_torch_value{tag, 0, {nullptr}};
    return out_[n_++];
  }

  qd_torch_value *out_;
  int32_t capacity_;
  int32_t n_ = 0;
};

}  // namespace

extern "C" {

int32_t qd_torch_abi_version(void) { return QD_TORCH_ABI_VERSION; }

const char *qd_torch_library_version(void) { return QD_TORCH_LIBTORCH_VERSION; }

const char *qd_torch_error(void) { return qd::last_error.c_str(); }

int64_t qd_torch_live_tensors(void) { return qd::live_tensors.load(std::memory_order_relaxed); }

int qd_torch_operator_find(const char *name, const char *overload, qd_torch_operator **out) {
  return guarded([&] {
    static std::mutex mutex;
    // Never destroyed: handles are valid for ever, also while the process is exiting.
    static auto &known = *new std::map<std::pair<std::string, std::string>, qd_torch_operator *>;
    std::lock_guard<std::mutex> lock(mutex);
    auto key = std::make_pair(std::string(name), std::string(overload));
    auto found = known.find(key);
    if (found == known.end()) {
      auto handle = c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
      std::vector<bool> takes_float;
      for (const auto &a : handle.schema().arguments()) {
        auto kind = a.type()->kind();
        if (kind == c10::TypeKind::OptionalType) kind = a.type()->expectRef<c10::OptionalType>().getElementType()->kind();
        takes_float.push_back(kind == c10::TypeKind::FloatType);
      }
      auto *op = new qd_torch_operator{handle, std::move(takes_float), handle.schema().arguments().size(), handle.schema().returns().size()};
      found = known.emplace(std::move(key), op).first;
    }
    *out = found->second;
  });
}

int32_t qd_torch_operator_schema(const qd_torch_operator *op, char *buffer, int32_t capacity) {
  std::ostringstream text;
  text << op->handle.schema();
  std::string s = text.str();
  if (capacity > 0) {
    size_t n = std::min(s.size(), static_cast<size_t>(capacity - 1));
    memcpy(buffer, s.data(), n);
    buffer[n] = 0;
  }
  return static_cast<int32_t>(s.size());
}

int qd_torch_call(const qd_torch_operator *op, const qd_torch_value *args, int32_t n_args, qd_torch_value *results, int32_t capacity,
                  int32_t *n_results) {
  return guarded([&] {
    const auto &schema_arguments = op->handle.schema().arguments();
    TORCH_CHECK(static_cast<size_t>(n_args) <= op->n_arguments, op->handle.operator_name(), " takes ", op->n_arguments, " arguments, not ", n_args);
    torch::jit::Stack stack;
    stack.reserve(std::max(op->n_arguments, op->n_returns));
    for (int32_t i = 0; i < n_args; i++) stack.push_back(to_ivalue(args[i], op->takes_float[i]));
    for (size_t i = n_args; i < op->n_arguments; i++) {
      const auto &value = schema_arguments[i].default_value();
      TORCH_CHECK(value.has_value(), op->handle.operator_name(), ": argument ", schema_arguments[i].name(), " is missing");
      stack.push_back(*value);
    }
    op->handle.callBoxed(stack);
    if (results == nullptr) return;
    ResultWriter writer(results, capacity);
    try {
      for (IValue &r : stack) writer.put(std::move(r));
    } catch (...) {
      writer.undo();
      throw;
    }
    *n_results = writer.count();
  });
}

void qd_torch_free(void *tensor) {
  if (tensor) qd::release_reference(static_cast<TensorImpl *>(tensor));
}

void qd_torch_free_many(void *const *tensors, int32_t n) {
  for (int32_t i = 0; i < n; i++) qd_torch_free(tensors[i]);
}

int qd_torch_from_data(const void *data, const int64_t *shape, int32_t dim, int32_t dtype, int32_t requires_grad, void **out) {
  return guarded([&] {
    Tensor t = at::empty(c10::IntArrayRef(shape, dim), at::TensorOptions().dtype(static_cast<c10::ScalarType>(dtype)));
    if (t.nbytes() > 0) memcpy(t.data_ptr(), data, t.nbytes());
    if (requires_grad) t.set_requires_grad(true);
    *out = give(std::move(t));
  });
}

int qd_torch_from_memory(void *data, const int64_t *shape, int32_t dim, int32_t dtype, void (*release)(void *), void *context, void **out) {
  return guarded([&] {
    auto options = at::TensorOptions().dtype(static_cast<c10::ScalarType>(dtype));
    auto deleter = [release, context](void *) {
      if (release) release(context);
    };
    *out = give(at::from_blob(data, c10::IntArrayRef(shape, dim), deleter, options));
  });
}

void *qd_torch_share(void *tensor) { return give(borrow(tensor)); }

int qd_torch_data(void *tensor, void **data) {
  return guarded([&] { *data = borrow(tensor).data_ptr(); });
}

int32_t qd_torch_dim(void *tensor) { return static_cast<int32_t>(static_cast<TensorImpl *>(tensor)->dim()); }

int64_t qd_torch_numel(void *tensor) { return static_cast<TensorImpl *>(tensor)->numel(); }

int qd_torch_sizes(void *tensor, int64_t *sizes) {
  return guarded([&] {
    auto s = static_cast<TensorImpl *>(tensor)->sizes();
    std::copy(s.begin(), s.end(), sizes);
  });
}

int qd_torch_strides(void *tensor, int64_t *strides) {
  return guarded([&] {
    auto s = static_cast<TensorImpl *>(tensor)->strides();
    std::copy(s.begin(), s.end(), strides);
  });
}

int32_t qd_torch_dtype(void *tensor) { return static_cast<int32_t>(c10::typeMetaToScalarType(static_cast<TensorImpl *>(tensor)->dtype())); }

int64_t qd_torch_storage_bytes(void *tensor) {
  auto *t = static_cast<TensorImpl *>(tensor);
  return t->has_storage() ? static_cast<int64_t>(t->storage().nbytes()) : 0;
}

int32_t qd_torch_is_contiguous(void *tensor) { return static_cast<TensorImpl *>(tensor)->is_contiguous(); }

int32_t qd_torch_device_type(void *tensor) { return static_cast<int32_t>(static_cast<TensorImpl *>(tensor)->device_type()); }

int qd_torch_item(void *tensor, int32_t *tag, double value[2], int64_t *integer) {
  return guarded([&] {
    auto s = borrow(tensor).item();
    if (s.isBoolean()) {
      *tag = QD_TORCH_BOOL;
      *integer = s.toBool();
    } else if (s.isIntegral(false)) {
      *tag = QD_TORCH_INT;
      *integer = s.toLong();
    } else if (s.isComplex()) {
      auto z = s.toComplexDouble();
      *tag = QD_TORCH_COMPLEX;
      value[0] = z.real();
      value[1] = z.imag();
    } else {
      *tag = QD_TORCH_DOUBLE;
      value[0] = s.toDouble();
    }
  });
}

int qd_torch_manual_seed(uint64_t seed) {
  return guarded([&] { at::manual_seed(seed); });
}

void *qd_torch_generator_new(uint64_t seed) {
  void *out = nullptr;
  guarded([&] { out = new at::Generator(at::make_generator<at::CPUGeneratorImpl>(seed)); });
  return out;
}

void *qd_torch_generator_default(void) {
  void *out = nullptr;
  guarded([&] { out = new at::Generator(at::globalContext().defaultGenerator(at::kCPU)); });
  return out;
}

void qd_torch_generator_free(void *generator) { delete static_cast<at::Generator *>(generator); }

int qd_torch_generator_seed(void *generator, uint64_t seed) {
  return guarded([&] {
    auto &g = *static_cast<at::Generator *>(generator);
    std::lock_guard<std::mutex> lock(g.mutex());
    g.set_current_seed(seed);
  });
}

uint64_t qd_torch_generator_initial_seed(void *generator) {
  auto &g = *static_cast<at::Generator *>(generator);
  std::lock_guard<std::mutex> lock(g.mutex());
  return g.current_seed();
}

int qd_torch_generator_state(void *generator, void **out) {
  return guarded([&] {
    auto &g = *static_cast<at::Generator *>(generator);
    std::lock_guard<std::mutex> lock(g.mutex());
    *out = give(g.get_state());
  });
}

int qd_torch_generator_set_state(void *generator, void *state) {
  return guarded([&] {
    auto &g = *static_cast<at::Generator *>(generator);
    std::lock_guard<std::mutex> lock(g.mutex());
    g.set_state(borrow(state));
  });
}

// OpenBLAS keeps a thread count of its own, which ATen does not touch; it is looked up because another BLAS may be installed.
int qd_torch_set_num_threads(int32_t n) {
  return guarded([&] {
    at::set_num_threads(n);
    if (auto set = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) set(n);
  });
}

int32_t qd_torch_num_threads(void) { return at::get_num_threads(); }

int32_t qd_torch_openblas_threads(void) {
  auto get = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_num_threads"));
  return get ? get() : 0;
}

int qd_torch_set_num_interop_threads(int32_t n) {
  return guarded([&] { at::set_num_interop_threads(n); });
}

int32_t qd_torch_num_interop_threads(void) { return at::get_num_interop_threads(); }

int qd_torch_set_default_dtype(int32_t dtype) {
  return guarded([&] { c10::set_default_dtype(c10::scalarTypeToTypeMeta(static_cast<c10::ScalarType>(dtype))); });
}

int32_t qd_torch_default_dtype(void) { return static_cast<int32_t>(c10::get_default_dtype_as_scalartype()); }

}  // extern "C"
