/* QDistill's shim over libtorch: one boxed operator call over the dispatcher, and the few entries that are not operators
 * (autograd, storage access, random generators, threads).
 *
 * Conventions: a tensor is a TensorImpl* that owns one reference; null is the undefined tensor. Arguments are borrowed, results are owned by
 * the caller (qd_torch_free). Entries that can fail return 0 on success and 1 on failure; qd_torch_error() then gives the calling thread's text. */
#ifndef QD_TORCH_H
#define QD_TORCH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QD_TORCH_ABI_VERSION 1
#define QD_TORCH_API __attribute__((visibility("default")))

typedef enum {
  QD_TORCH_NONE = 0,
  QD_TORCH_TENSOR = 1,
  QD_TORCH_INT = 2,
  QD_TORCH_DOUBLE = 3,
  QD_TORCH_BOOL = 4,
  QD_TORCH_INT_LIST = 5,
  QD_TORCH_DOUBLE_LIST = 6,
  QD_TORCH_BOOL_LIST = 7,
  QD_TORCH_TENSOR_LIST = 8,
  QD_TORCH_OPTIONAL_TENSOR_LIST = 9,
  QD_TORCH_STRING = 10,    /* UTF-8, n bytes */
  QD_TORCH_COMPLEX = 11,   /* p: two doubles */
  QD_TORCH_DEVICE = 12,    /* UTF-8, n bytes */
  QD_TORCH_GENERATOR = 13, /* p: from qd_torch_generator_new */
} qd_torch_tag;

/* One argument or result. Lists: p points at n elements (int64, double, uint8 or tensor handles). */
typedef struct {
  int32_t tag;
  int32_t n;
  union {
    void *p;
    int64_t i;
    double d;
  } v;
} qd_torch_value;

typedef struct qd_torch_operator qd_torch_operator;
typedef struct qd_torch_node qd_torch_node;

QD_TORCH_API int32_t qd_torch_abi_version(void);
QD_TORCH_API const char *qd_torch_library_version(void);
/* The calling thread's last failure, one or more lines, never null. */
QD_TORCH_API const char *qd_torch_error(void);
/* Tensor references handed out by this shim and not yet freed. */
QD_TORCH_API int64_t qd_torch_live_tensors(void);

/* The operator stays valid for the life of the process; the same name gives the same pointer. */
QD_TORCH_API int qd_torch_operator_find(const char *name, const char *overload, qd_torch_operator **out);
/* The schema's text; cut to fit. Returns the full length. */
QD_TORCH_API int32_t qd_torch_operator_schema(const qd_torch_operator *op, char *buffer, int32_t capacity);
/* Missing trailing arguments take the schema's defaults; an integer is accepted where a float is asked for. With results == null the results
 * are dropped. A list result is one QD_TORCH_TENSOR_LIST header with n, followed by n tensors. */
QD_TORCH_API int qd_torch_call(const qd_torch_operator *op, const qd_torch_value *args, int32_t n_args, qd_torch_value *results, int32_t capacity,
                               int32_t *n_results);

QD_TORCH_API void qd_torch_free(void *tensor);
QD_TORCH_API void qd_torch_free_many(void *const *tensors, int32_t n);
/* Copies dense row-major data in; requires_grad makes a leaf. */
QD_TORCH_API int qd_torch_from_data(const void *data, const int64_t *shape, int32_t dim, int32_t dtype, int32_t requires_grad, void **out);
/* Wraps memory that outlives every use: release(context) is called when the last reference goes. */
QD_TORCH_API int qd_torch_from_memory(void *data, const int64_t *shape, int32_t dim, int32_t dtype, void (*release)(void *), void *context, void **out);
/* A second owned reference to the same tensor. */
QD_TORCH_API void *qd_torch_share(void *tensor);
QD_TORCH_API int qd_torch_data(void *tensor, void **data);
QD_TORCH_API int32_t qd_torch_dim(void *tensor);
QD_TORCH_API int64_t qd_torch_numel(void *tensor);
QD_TORCH_API int qd_torch_sizes(void *tensor, int64_t *sizes);
QD_TORCH_API int qd_torch_strides(void *tensor, int64_t *strides);
QD_TORCH_API int32_t qd_torch_dtype(void *tensor);
QD_TORCH_API int64_t qd_torch_storage_bytes(void *tensor);
QD_TORCH_API int32_t qd_torch_is_contiguous(void *tensor);
QD_TORCH_API int32_t qd_torch_device_type(void *tensor);
/* The one element of a one-element tensor: QD_TORCH_BOOL, _INT, _DOUBLE, or _COMPLEX with both parts in value. */
QD_TORCH_API int qd_torch_item(void *tensor, int32_t *tag, double value[2], int64_t *integer);

QD_TORCH_API int qd_torch_set_requires_grad(void *tensor, int32_t on);
QD_TORCH_API int32_t qd_torch_requires_grad(void *tensor);
QD_TORCH_API int32_t qd_torch_is_leaf(void *tensor);
QD_TORCH_API int qd_torch_retain_grad(void *tensor);
QD_TORCH_API int qd_torch_grad(void *tensor, void **out);
QD_TORCH_API int qd_torch_set_grad(void *tensor, void *grad);
QD_TORCH_API int qd_torch_grad_many(void *const *tensors, int32_t n, void **out);
/* The tensor's data without history, sharing storage; new_data replaces what the tensor refers to (as `x.data = y`). */
QD_TORCH_API int qd_torch_set_data(void *tensor, void *new_data);
QD_TORCH_API int qd_torch_backward(void *const *tensors, int32_t n, void *const *grads, int32_t n_grads, int32_t retain_graph, int32_t create_graph,
                                   void *const *inputs, int32_t n_inputs);
QD_TORCH_API int qd_torch_autograd_grad(void *const *outputs, int32_t n, void *const *inputs, int32_t n_inputs, void *const *grads, int32_t n_grads,
                                        int32_t retain_graph, int32_t create_graph, int32_t allow_unused, void **result);
/* on < 0 only reads. Returns the mode before. Thread-local. */
QD_TORCH_API int32_t qd_torch_grad_mode(int32_t on);
QD_TORCH_API int32_t qd_torch_inference_mode(void);
QD_TORCH_API void *qd_torch_inference_guard_new(int32_t on);
QD_TORCH_API void qd_torch_inference_guard_free(void *guard);

/* Operators defined by the caller. backward gets the node (valid during the call) and n_grads handles (null: no gradient flowed; borrowed) and fills n_inputs handles (owned by the
 * shim afterwards; null: no gradient); non-zero means failure, with the text given by qd_torch_function_fail beforehand. release is called once,
 * on any thread, when the last reference to the node goes. */
typedef int (*qd_torch_backward_fn)(void *context, qd_torch_node *node, void *const *grads, int32_t n_grads, void **input_grads, int32_t n_inputs);
QD_TORCH_API void qd_torch_function_fail(const char *message);
/* Whether an operator over these inputs would be recorded. */
QD_TORCH_API int32_t qd_torch_function_recorded(void *const *inputs, int32_t n_inputs);
/* name is copied; context is released even on failure. */
QD_TORCH_API int qd_torch_function_new(const char *name, void *const *inputs, int32_t n_inputs, qd_torch_backward_fn backward, void (*release)(void *),
                                       void *context, qd_torch_node **out);
/* Attaches history to the raw outputs; results are new references. node may be null (nothing recorded). */
QD_TORCH_API int qd_torch_function_wrap(qd_torch_node *node, void *const *inputs, int32_t n_inputs, void *const *non_differentiable, int32_t n_non,
                                        void *const *dirty, int32_t n_dirty, void *const *outputs, int32_t n_outputs, void **results);
/* Saves tensors for backward without reference cycles; call after wrap (outputs must be the wrapped ones). */
QD_TORCH_API int qd_torch_function_save(qd_torch_node *node, void *const *tensors, int32_t n);
/* Inside backward: the saved tensors as new references. */
QD_TORCH_API int qd_torch_function_saved(qd_torch_node *node, void **out, int32_t n);
/* Gives up the reference that qd_torch_function_new gave; the graph keeps its own. */
QD_TORCH_API void qd_torch_function_drop(qd_torch_node *node);

QD_TORCH_API int qd_torch_manual_seed(uint64_t seed);
QD_TORCH_API void *qd_torch_generator_new(uint64_t seed); /* a CPU generator of its own */
QD_TORCH_API void *qd_torch_generator_default(void);
QD_TORCH_API void qd_torch_generator_free(void *generator);
QD_TORCH_API int qd_torch_generator_seed(void *generator, uint64_t seed);
QD_TORCH_API uint64_t qd_torch_generator_initial_seed(void *generator);
QD_TORCH_API int qd_torch_generator_state(void *generator, void **out);
QD_TORCH_API int qd_torch_generator_set_state(void *generator, void *state);

/* Threads inside one operator, for ATen (OpenMP) and for OpenBLAS, which has a setting of its own. */
QD_TORCH_API int qd_torch_set_num_threads(int32_t n);
QD_TORCH_API int32_t qd_torch_num_threads(void);
QD_TORCH_API int32_t qd_torch_openblas_threads(void); /* 0: the BLAS is not OpenBLAS */
QD_TORCH_API int qd_torch_set_num_interop_threads(int32_t n);
QD_TORCH_API int32_t qd_torch_num_interop_threads(void);
QD_TORCH_API int qd_torch_set_default_dtype(int32_t dtype);
QD_TORCH_API int32_t qd_torch_default_dtype(void);

#ifdef __cplusplus
}
#endif
#endif
