#include "start_up.h"

#include <dds/ddsi/ddsi_domaingv.h>
#include <dds/ddsi/ddsi_entity.h>
#include <dds/ddsi/q_hbcontrol.h>
#include <dds/ddsi/ddsi_deliver_locally.h>
#include <dds/ddsi/ddsi_endpoint.h>
#include <dds/ddsi/ddsi_entity_index.h>
#include <dds/ddsi/ddsi_entity_match.h>
#include <dds/ddsi/ddsi_proxy_endpoint.h>
#include <dds/ddsi/ddsi_sertype.h>
#include <dds/ddsi/q_thread.h>
#include <dds/ddsrt/avl.h>
#include <string.h>

static ddsi_guid_t guid_of(const uint8_t bytes[16])
{
  /* On the wire, as in a gid, the words are big endian. */
  uint32_t w[4];
  for (int i = 0; i < 4; i++) w[i] = (uint32_t)bytes[4 * i] << 24 | (uint32_t)bytes[4 * i + 1] << 16 | (uint32_t)bytes[4 * i + 2] << 8 | bytes[4 * i + 3];
  ddsi_guid_t g;
  memset(&g, 0, sizeof g);
  memcpy(g.prefix.u, w, sizeof g.prefix.u);
  g.entityid.u = w[3];
  return g;
}

static struct ddsi_domaingv *domain_of(const struct ddsi_sertype *type)
{
  return ddsrt_atomic_ldvoidp(&type->gv);
}

bool qd_writer_in_step(const struct ddsi_sertype *type, const uint8_t writer[16], const uint8_t remote_reader[16])
{
  struct ddsi_domaingv *gv = domain_of(type);
  const ddsi_guid_t w = guid_of(writer), r = guid_of(remote_reader);
  bool result = true;
  thread_state_awake(lookup_thread_state(), gv);
  struct ddsi_writer *wr = entidx_lookup_writer_guid(gv->entity_index, &w);
  if (wr) {
    ddsrt_mutex_lock(&wr->e.lock);
    const struct ddsi_wr_prd_match *m = ddsrt_avl_lookup(&ddsi_wr_readers_treedef, &wr->readers, &r);
    if (m) result = !m->is_reliable || m->has_replied_to_hb;
    ddsrt_mutex_unlock(&wr->e.lock);
  }
  thread_state_asleep(lookup_thread_state());
  return result;
}

bool qd_reader_in_step(const struct ddsi_sertype *type, const uint8_t remote_writer[16])
{
  struct ddsi_domaingv *gv = domain_of(type);
  const ddsi_guid_t w = guid_of(remote_writer);
  bool result = true;
  thread_state_awake(lookup_thread_state(), gv);
  struct ddsi_proxy_writer *pwr = entidx_lookup_proxy_writer_guid(gv->entity_index, &w);
  if (pwr) {
    ddsrt_mutex_lock(&pwr->e.lock);
    result = pwr->have_seen_heartbeat;
    ddsrt_mutex_unlock(&pwr->e.lock);
  }
  thread_state_asleep(lookup_thread_state());
  return result;
}
