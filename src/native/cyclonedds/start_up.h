/* Whether a reliable pair of endpoints has exchanged its first heartbeat. Until then Cyclone drops what arrives at a volatile reader, which loses the first
 * request or reply of a service that was only just matched. Written in C because Cyclone's internal headers are not C++. */
#ifndef QD_START_UP_H
#define QD_START_UP_H
#include <stdbool.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

struct ddsi_sertype;

/* type: of any endpoint of the participant; it leads to the domain. Peers in this process need no heartbeat and are always in step. */
bool qd_writer_in_step(const struct ddsi_sertype *type, const uint8_t writer[16], const uint8_t remote_reader[16]);
bool qd_reader_in_step(const struct ddsi_sertype *type, const uint8_t remote_writer[16]);

#if defined(__cplusplus)
}
#endif
#endif
