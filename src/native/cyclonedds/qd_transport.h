/* Copyright 2026 the QDistill authors. Apache-2.0.
 *
 * The transport ABI: what QDistill.Ros needs of a ROS 2 middleware, at the level of nodes, topics and services, with messages as CDR bytes.
 * Nothing here speaks of a particular DDS; an implementation is a shared library libqd_transport_<name>.so that exports exactly these functions.
 *
 * RULES
 *  Bytes       A message is its serialized payload: 4-byte encapsulation header, then XCDR1. Sizes include the header. A received payload may carry
 *              0 to 3 bytes of padding at its end.
 *  Names       ROS names ("/ns/topic", absolute and already remapped) and ROS types ("std_msgs/msg/String"). The implementation mangles.
 *  Results     Functions that return int32_t give QD_OK (0) or a count on success, and a negative QD_E... on failure; qd_last_error() then holds
 *              one sentence for the calling thread. Functions without a result cannot fail. NULL handles are refused, never dereferenced
 *              (…_destroy(NULL) does nothing).
 *  Ownership   A child must be destroyed before its parent: entities before their node, nodes, guards and wait sets before their context. Destroying a
 *              parent that still has children is refused with QD_EBUSY and changes nothing. A sample taken stays valid until it is released,
 *              even when its subscription is gone.
 *  Threads     Every function may be called from any thread, on different and on the same objects, except: an object must not be destroyed while
 *              another call on it runs, and one wait set is waited on by one thread at a time. Publishing may block (reliable, keep-all or a
 *              slow reader): do not hold locks that a callback needs. No function calls back into the caller.
 *  Wait sets   Waitable: subscriptions, clients, services, publishers (events only), guards, and a context (its graph). An entity is in at most
 *              one wait set. A wait set reports an object once per cause: new data, new status, a guard's trigger, a changed graph. A take that
 *              filled the caller's array re-arms the object, as it may have left samples behind, so that taking once per report never
 *              strands data. Attaching reports the object once. Detaching or destroying removes pending reports.
 *  Structs     Every options struct starts with its size: a library ignores fields that it does not know, and refuses a struct that lacks some that it does.
 */
#ifndef QD_TRANSPORT_H
#define QD_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

/* Raised with every change of what follows, so that a program and a library of different days say so instead of failing at the first call. */
#define QD_TRANSPORT_ABI 3u

#define QD_API __attribute__((visibility("default")))

enum {
  QD_OK = 0,
  QD_EINVAL = -1,    /* bad argument */
  QD_ENOMEM = -2,
  QD_EBUSY = -3,     /* the object still has children, or is attached elsewhere */
  QD_ETIMEOUT = -4,
  QD_EGONE = -5,     /* the peer or the object is no longer there */
  QD_EMIDDLEWARE = -6 /* the middleware refused; qd_last_error() says why */
};

typedef struct qd_context qd_context;
typedef struct qd_node qd_node;
typedef struct qd_entity qd_entity;     /* publisher, subscription, client, service or guard */
typedef struct qd_wait_set qd_wait_set;

/* ---- the library ---------------------------------------------------------------------------------------------------------------- */

QD_API uint32_t qd_abi_version(void);
QD_API const char *qd_implementation(void);  /* such as "cyclonedds 0.10.2"; static */
QD_API const char *qd_last_error(void);      /* the calling thread's last failure; valid until its next failing call */

/* Objects alive in this process; all zero when everything has been destroyed and every sample released. Payloads count received and sent ones,
 * which the middleware may hold for a while (history, retransmission). */
typedef struct qd_live_counts {
  uint32_t contexts, nodes, publishers, subscriptions, clients, services, guards, wait_sets, payloads, types, graphs;
} qd_live_counts;
QD_API void qd_get_live_counts(qd_live_counts *out);

/* ---- contexts ------------------------------------------------------------------------------------------------------------------- */

enum { /* how far discovery reaches: ROS_AUTOMATIC_DISCOVERY_RANGE */
  QD_DISCOVERY_SUBNET = 0,
  QD_DISCOVERY_LOCALHOST = 1,      /* peers on this host only; Jazzy's meaning: any interface may carry the traffic */
  QD_DISCOVERY_OFF = 2,
  QD_DISCOVERY_SYSTEM_DEFAULT = 3, /* the middleware's own defaults */
  QD_DISCOVERY_LOOPBACK = 4        /* as LOCALHOST, and no packet leaves the loopback interface (Humble's meaning) */
};

typedef struct qd_context_options {
  uint32_t size;               /* sizeof(qd_context_options) */
  uint32_t domain_id;          /* 0..232 */
  int32_t discovery;           /* QD_DISCOVERY_... */
  int32_t humble;              /* not 0: 24-byte gids and no type hashes, as ROS 2 Humble does */
  const char *static_peers;    /* ';'-separated hosts, used with SUBNET and LOCALHOST; may be NULL */
  const char *configuration;   /* the middleware's own configuration (Cyclone: what CYCLONEDDS_URI may hold), wins over the above; may be NULL */
  const char *enclave;         /* NULL stands for "/" */
} qd_context_options;

QD_API int32_t qd_context_create(const qd_context_options *options, qd_context **out);
QD_API int32_t qd_context_destroy(qd_context *context);
QD_API int32_t qd_context_gid(const qd_context *context, uint8_t gid[16]);

/* ---- nodes and endpoints -------------------------------------------------------------------------------------------------------- */

/* Namespace: absolute, "/" for the root. Names are at most 255 bytes. Announced to the graph at once, and again at every change. */
QD_API int32_t qd_node_create(qd_context *context, const char *name, const char *name_space, qd_node **out);
QD_API int32_t qd_node_destroy(qd_node *node);

/* The numbers are rmw's. SYSTEM_DEFAULT (0) is: reliable, volatile, keep last, automatic. */
enum { QD_RELIABILITY_SYSTEM_DEFAULT = 0, QD_RELIABILITY_RELIABLE = 1, QD_RELIABILITY_BEST_EFFORT = 2, QD_RELIABILITY_UNKNOWN = 3 };
enum { QD_DURABILITY_SYSTEM_DEFAULT = 0, QD_DURABILITY_TRANSIENT_LOCAL = 1, QD_DURABILITY_VOLATILE = 2, QD_DURABILITY_UNKNOWN = 3 };
enum { QD_HISTORY_SYSTEM_DEFAULT = 0, QD_HISTORY_KEEP_LAST = 1, QD_HISTORY_KEEP_ALL = 2, QD_HISTORY_UNKNOWN = 3 };
enum { QD_LIVELINESS_SYSTEM_DEFAULT = 0, QD_LIVELINESS_AUTOMATIC = 1, QD_LIVELINESS_MANUAL_BY_TOPIC = 3, QD_LIVELINESS_UNKNOWN = 4 };

#define QD_INFINITE INT64_MAX

typedef struct qd_qos {
  int32_t reliability, durability, history;
  int32_t depth;                    /* keep last; 0 stands for 1 */
  int32_t liveliness;
  int32_t avoid_ros_namespace;      /* not 0: topic and type names are the middleware's own */
  int64_t deadline_ns;              /* 0 or QD_INFINITE: none; so for the next two */
  int64_t lifespan_ns;
  int64_t liveliness_lease_ns;
} qd_qos;

/* type_hash: "RIHS01_<64 hex>", or NULL when not known. ignore_local: not 0 keeps out samples of the same context. */
QD_API int32_t qd_publisher_create(qd_node *node, const char *topic, const char *type, const char *type_hash, const qd_qos *qos, qd_entity **out);
QD_API int32_t qd_subscription_create(qd_node *node, const char *topic, const char *type, const char *type_hash, const qd_qos *qos,
                                      int32_t ignore_local, qd_entity **out);
/* type: "pkg/srv/Name"; the hashes are those of its request and its response message. */
QD_API int32_t qd_client_create(qd_node *node, const char *service, const char *type, const char *request_hash, const char *response_hash,
                                const qd_qos *qos, qd_entity **out);
QD_API int32_t qd_service_create(qd_node *node, const char *service, const char *type, const char *request_hash, const char *response_hash,
                                 const qd_qos *qos, qd_entity **out);
QD_API int32_t qd_guard_create(qd_context *context, qd_entity **out);
QD_API int32_t qd_entity_destroy(qd_entity *entity);

/* The publisher's or subscription's gid; of a client or service that of its request endpoint. */
QD_API int32_t qd_entity_gid(const qd_entity *entity, uint8_t gid[16]);
/* Matched subscriptions of a publisher, matched publishers of a subscription. */
QD_API int32_t qd_matched_count(qd_entity *entity);

/* ---- messages ------------------------------------------------------------------------------------------------------------------- */

/* Copies and sends. source_timestamp_ns: ns since the Unix epoch, 0 stands for now. */
QD_API int32_t qd_publish(qd_entity *publisher, const void *payload, size_t size, int64_t source_timestamp_ns);
/* Without a copy: borrow a buffer of the middleware, serialize into it (header included), then publish or return it. */
QD_API int32_t qd_borrow(qd_entity *publisher, size_t capacity, void **loan, uint8_t **data);
QD_API int32_t qd_publish_borrowed(qd_entity *publisher, void *loan, size_t size, int64_t source_timestamp_ns); /* consumes the loan, also on failure */
QD_API void qd_return_borrowed(void *loan);
/* Until every matched reliable subscription has acknowledged everything sent; QD_ETIMEOUT otherwise. */
QD_API int32_t qd_wait_for_acknowledgment(qd_entity *publisher, int64_t timeout_ns);
QD_API int32_t qd_assert_liveliness(qd_entity *publisher);

typedef struct qd_request_id {
  uint8_t client[8];     /* opaque */
  int64_t sequence;
  uint64_t route;        /* opaque; of meaning to the service that took the request */
} qd_request_id;

typedef struct qd_sample {
  const uint8_t *data;
  size_t size;
  int64_t source_timestamp_ns;
  int64_t reception_timestamp_ns; /* when the payload reached this process */
  uint8_t publisher_gid[16];      /* zero when the publisher vanished before it was ever seen */
  qd_request_id request;          /* clients and services only */
  void *owner;
} qd_sample;

/* Takes up to capacity samples in order of reception and returns how many. data points into the middleware's memory (clients and services: a copy). */
QD_API int32_t qd_take(qd_entity *entity, qd_sample *samples, int32_t capacity);
QD_API void qd_release(qd_sample *samples, int32_t count);

/* Clients: sends and gives the request's sequence number, which its reply carries. */
QD_API int32_t qd_send_request(qd_entity *client, const void *payload, size_t size, int64_t *sequence);
/* Clients: 1 when a server is there and a request sent now will be answered, else 0. */
QD_API int32_t qd_service_available(qd_entity *client);
/* Services: QD_EGONE when the client is gone, QD_ETIMEOUT when its reply endpoint was not found within 100 ms. */
QD_API int32_t qd_send_reply(qd_entity *service, const qd_request_id *request, const void *payload, size_t size);

/* ---- status events -------------------------------------------------------------------------------------------------------------- */

enum {
  QD_EVENT_MATCHED = 1,           /* publishers and subscriptions */
  QD_EVENT_INCOMPATIBLE_QOS = 2,  /* publishers and subscriptions */
  QD_EVENT_DEADLINE_MISSED = 4,   /* publishers (offered) and subscriptions (requested) */
  QD_EVENT_LIVELINESS = 8,        /* publishers (lost) and subscriptions (changed) */
  QD_EVENT_MESSAGE_LOST = 16      /* subscriptions */
};

enum { /* rmw's numbers */
  QD_POLICY_INVALID = 1,
  QD_POLICY_DURABILITY = 2,
  QD_POLICY_DEADLINE = 4,
  QD_POLICY_LIVELINESS = 8,
  QD_POLICY_RELIABILITY = 16,
  QD_POLICY_HISTORY = 32,
  QD_POLICY_LIFESPAN = 64
};

typedef struct qd_event {
  int32_t total, total_change;      /* LIVELINESS of a subscription: alive */
  int32_t current, current_change;  /* MATCHED: current; LIVELINESS of a subscription: not alive */
  int32_t policy;                   /* INCOMPATIBLE_QOS: QD_POLICY_... of the last one */
} qd_event;

/* The events that happened since they were last taken, as a mask of QD_EVENT_.... */
QD_API int32_t qd_pending_events(qd_entity *entity);
/* Takes one; changes count from the take before. */
QD_API int32_t qd_take_event(qd_entity *entity, int32_t kind, qd_event *out);

/* ---- waiting -------------------------------------------------------------------------------------------------------------------- */

QD_API int32_t qd_guard_trigger(qd_entity *guard);
QD_API int32_t qd_wait_set_create(qd_context *context, qd_wait_set **out);
QD_API int32_t qd_wait_set_destroy(qd_wait_set *set);
QD_API int32_t qd_wait_set_attach(qd_wait_set *set, qd_entity *entity, uint64_t token);
/* Reports the token whenever the graph changed. */
QD_API int32_t qd_wait_set_attach_graph(qd_wait_set *set, uint64_t token);
QD_API int32_t qd_wait_set_detach(qd_wait_set *set, qd_entity *entity);
/* How long a wait looks for something to report without sleeping, which takes a processor, before it sleeps; 0, the default: not at all. */
QD_API int32_t qd_wait_set_busy_poll(qd_wait_set *set, int64_t ns);
/* Waits until something is there to report (timeout_ns < 0: without end) and returns the number of tokens, 0 on time-out. */
QD_API int32_t qd_wait_set_wait(qd_wait_set *set, int64_t timeout_ns, uint64_t *tokens, int32_t capacity);

/* ---- bad samples ---------------------------------------------------------------------------------------------------------------- */

/* What arrived but could not be read and was dropped beneath the caller: requests or replies without their whole header (clients and services), graph
 * announcements (contexts). Fills in the publishers nobody was told of yet, at most capacity, and returns how many; *total is how many bad samples came so far.
 * A middleware that does not tell gives none. */
QD_API int32_t qd_take_malformed(qd_entity *entity, uint64_t *total, uint8_t (*gids)[16], int32_t capacity);
QD_API int32_t qd_graph_take_malformed(qd_context *context, uint64_t *total, uint8_t (*gids)[16], int32_t capacity);

/* ---- graph ---------------------------------------------------------------------------------------------------------------------- */

typedef struct qd_graph_node {
  const char *name, *name_space, *enclave;
  uint8_t participant_gid[16];
} qd_graph_node;

enum { QD_GRAPH_PUBLISHER = 0, QD_GRAPH_SUBSCRIPTION = 1, QD_GRAPH_CLIENT = 2, QD_GRAPH_SERVICE = 3 };

typedef struct qd_graph_endpoint {
  int32_t kind;           /* QD_GRAPH_...; the two endpoints of a client or service are two rows */
  int32_t writes;         /* 1: the endpoint writes, 0: it reads */
  int32_t node;           /* index into nodes, -1: not known */
  int32_t reserved;
  const char *name;       /* ROS topic or service; NULL: not a ROS endpoint */
  const char *type;       /* ROS type, or the middleware's when it is not a ROS type */
  const char *type_hash;  /* "" when not announced */
  const char *wire_topic, *wire_type, *user_data; /* as announced; user data with bytes outside printable ASCII removed */
  uint8_t gid[16];
  uint8_t participant_gid[16];
  qd_qos qos;
} qd_graph_endpoint;

typedef struct qd_graph_participant {
  uint8_t gid[16];
  const char *enclave;    /* NULL: not a ROS participant */
  const char *user_data;
} qd_graph_participant;

typedef struct qd_graph {
  uint64_t version;       /* grows with every change */
  size_t node_count, endpoint_count, participant_count;
  const qd_graph_node *nodes;
  const qd_graph_endpoint *endpoints;
  const qd_graph_participant *participants;
  uint64_t malformed;     /* graph announcements from the network that could not be read and were ignored */
} qd_graph;

/* A copy of the graph as known now, own nodes included; free it with qd_graph_free. */
QD_API int32_t qd_graph_get(qd_context *context, qd_graph **out);
QD_API void qd_graph_free(qd_graph *graph);
QD_API uint64_t qd_graph_version(qd_context *context);

#if defined(__cplusplus)
}
#endif
#endif
