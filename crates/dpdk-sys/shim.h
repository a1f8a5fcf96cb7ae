/*
 * What libdpdk offers only to C (inline functions, macros, field offsets), and what changes between its versions: one line
 * each, no logic. Structs named shim_* are ours; shim.c fills them field by field, so that DPDK's own structs never cross
 * into Rust.
 */
#ifndef DPDK_SHIM_H
#define DPDK_SHIM_H

#include <stddef.h>
#include <stdint.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_version.h>

/* Where the fields of a packet buffer lie; checked against shim_mbuf_offset. */
static const size_t SHIM_MBUF_BUF_ADDR = offsetof(struct rte_mbuf, buf_addr);
static const size_t SHIM_MBUF_DATA_OFF = offsetof(struct rte_mbuf, data_off);
static const size_t SHIM_MBUF_NB_SEGS = offsetof(struct rte_mbuf, nb_segs);
static const size_t SHIM_MBUF_PORT = offsetof(struct rte_mbuf, port);
static const size_t SHIM_MBUF_OL_FLAGS = offsetof(struct rte_mbuf, ol_flags);
static const size_t SHIM_MBUF_PKT_LEN = offsetof(struct rte_mbuf, pkt_len);
static const size_t SHIM_MBUF_DATA_LEN = offsetof(struct rte_mbuf, data_len);
static const size_t SHIM_MBUF_VLAN_TCI = offsetof(struct rte_mbuf, vlan_tci);
static const size_t SHIM_MBUF_RSS = offsetof(struct rte_mbuf, hash.rss);
static const size_t SHIM_MBUF_BUF_LEN = offsetof(struct rte_mbuf, buf_len);
static const size_t SHIM_MBUF_POOL = offsetof(struct rte_mbuf, pool);
static const size_t SHIM_MBUF_TX_OFFLOAD = offsetof(struct rte_mbuf, tx_offload);

static const uint16_t SHIM_MBUF_HEADROOM = RTE_PKTMBUF_HEADROOM;
static const uint64_t SHIM_MBUF_L2_LEN_SHIFT = RTE_MBUF_L2_LEN_OFS;
static const uint64_t SHIM_MBUF_L3_LEN_SHIFT = RTE_MBUF_L3_LEN_OFS;

/* ol_flags */
static const uint64_t SHIM_RX_VLAN_STRIPPED = RTE_MBUF_F_RX_VLAN_STRIPPED;
static const uint64_t SHIM_RX_VLAN = RTE_MBUF_F_RX_VLAN;
static const uint64_t SHIM_RX_RSS_HASH = RTE_MBUF_F_RX_RSS_HASH;
static const uint64_t SHIM_RX_IP_CKSUM_MASK = RTE_MBUF_F_RX_IP_CKSUM_MASK;
static const uint64_t SHIM_RX_IP_CKSUM_BAD = RTE_MBUF_F_RX_IP_CKSUM_BAD;
static const uint64_t SHIM_RX_L4_CKSUM_MASK = RTE_MBUF_F_RX_L4_CKSUM_MASK;
static const uint64_t SHIM_RX_L4_CKSUM_BAD = RTE_MBUF_F_RX_L4_CKSUM_BAD;
static const uint64_t SHIM_RX_L4_CKSUM_GOOD = RTE_MBUF_F_RX_L4_CKSUM_GOOD;
static const uint64_t SHIM_RX_L4_CKSUM_NONE = RTE_MBUF_F_RX_L4_CKSUM_NONE;
static const uint64_t SHIM_TX_VLAN = RTE_MBUF_F_TX_VLAN;
static const uint64_t SHIM_TX_IPV4 = RTE_MBUF_F_TX_IPV4;
static const uint64_t SHIM_TX_IPV6 = RTE_MBUF_F_TX_IPV6;
static const uint64_t SHIM_TX_L4_MASK = RTE_MBUF_F_TX_L4_MASK;
static const uint64_t SHIM_TX_TCP_CKSUM = RTE_MBUF_F_TX_TCP_CKSUM;
static const uint64_t SHIM_TX_UDP_CKSUM = RTE_MBUF_F_TX_UDP_CKSUM;

/* Offloads of ports. */
static const uint64_t SHIM_RX_OFFLOAD_IPV4_CKSUM = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM;
static const uint64_t SHIM_RX_OFFLOAD_UDP_CKSUM = RTE_ETH_RX_OFFLOAD_UDP_CKSUM;
static const uint64_t SHIM_RX_OFFLOAD_TCP_CKSUM = RTE_ETH_RX_OFFLOAD_TCP_CKSUM;
static const uint64_t SHIM_RX_OFFLOAD_VLAN_STRIP = RTE_ETH_RX_OFFLOAD_VLAN_STRIP;
static const uint64_t SHIM_RX_OFFLOAD_RSS_HASH = RTE_ETH_RX_OFFLOAD_RSS_HASH;
static const uint64_t SHIM_TX_OFFLOAD_IPV4_CKSUM = RTE_ETH_TX_OFFLOAD_IPV4_CKSUM;
static const uint64_t SHIM_TX_OFFLOAD_UDP_CKSUM = RTE_ETH_TX_OFFLOAD_UDP_CKSUM;
static const uint64_t SHIM_TX_OFFLOAD_TCP_CKSUM = RTE_ETH_TX_OFFLOAD_TCP_CKSUM;
static const uint64_t SHIM_TX_OFFLOAD_FAST_FREE = RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;

/* What is hashed. */
static const uint64_t SHIM_RSS_IPV4 = RTE_ETH_RSS_IPV4;
static const uint64_t SHIM_RSS_IPV4_TCP = RTE_ETH_RSS_NONFRAG_IPV4_TCP;
static const uint64_t SHIM_RSS_IPV4_UDP = RTE_ETH_RSS_NONFRAG_IPV4_UDP;
static const uint64_t SHIM_RSS_IPV6 = RTE_ETH_RSS_IPV6;
static const uint64_t SHIM_RSS_IPV6_TCP = RTE_ETH_RSS_NONFRAG_IPV6_TCP;
static const uint64_t SHIM_RSS_IPV6_UDP = RTE_ETH_RSS_NONFRAG_IPV6_UDP;

static const uint32_t SHIM_NO_LCORE = RTE_MAX_LCORE;
static const uint64_t SHIM_NO_PORT = RTE_MAX_ETHPORTS;
static const uint64_t SHIM_NO_OWNER = RTE_ETH_DEV_NO_OWNER;
static const uint32_t SHIM_SPEED_UNKNOWN = RTE_ETH_SPEED_NUM_UNKNOWN;

enum { SHIM_STAT_QUEUES = RTE_ETHDEV_QUEUE_STAT_CNTRS, SHIM_RSS_KEY_MAX = 64 };

/* Of rte_eth_dev_info. The texts belong to the driver and live as long as the port. */
struct shim_dev_info {
	const char *driver;
	const char *bus;
	const char *device;
	uint32_t if_index;
	uint16_t min_mtu, max_mtu;
	uint16_t max_rx_queues, max_tx_queues;
	uint16_t rx_desc_min, rx_desc_max, tx_desc_min, tx_desc_max;
	uint32_t min_rx_bufsize, max_rx_pktlen, max_mac_addrs;
	uint64_t rx_offloads, tx_offloads, rss_fields;
	uint16_t reta_size;
	uint8_t hash_key_size;
};

/* For rte_eth_dev_configure. mtu 0 is the driver's default; rss_fields 0 is no RSS. */
struct shim_port_conf {
	uint16_t rx_queues, tx_queues;
	uint32_t mtu;
	uint64_t rx_offloads, tx_offloads, rss_fields;
	uint8_t *rss_key;
	uint8_t rss_key_len;
};

/* Of rte_eth_rss_conf. */
struct shim_rss {
	uint64_t fields;
	uint8_t key[SHIM_RSS_KEY_MAX];
	uint8_t not_toeplitz;
};

struct shim_link {
	uint32_t speed;
	uint8_t up, full_duplex, autoneg;
};

struct shim_stats {
	uint64_t ipackets, opackets, ibytes, obytes, imissed, ierrors, oerrors, rx_nombuf;
	uint64_t q_ipackets[SHIM_STAT_QUEUES], q_opackets[SHIM_STAT_QUEUES];
	uint64_t q_ibytes[SHIM_STAT_QUEUES], q_obytes[SHIM_STAT_QUEUES];
	uint64_t q_errors[SHIM_STAT_QUEUES];
};

size_t shim_mbuf_offset(int field);
int shim_errno(void);
unsigned int shim_lcore_id(void);
int shim_lcore_runs_on(unsigned int lcore, int cpu);

uint16_t shim_rx_burst(uint16_t port, uint16_t queue, struct rte_mbuf **room, uint16_t max);
uint16_t shim_tx_burst(uint16_t port, uint16_t queue, struct rte_mbuf **packets, uint16_t count);
struct rte_mbuf *shim_pktmbuf_alloc(struct rte_mempool *pool);
void shim_pktmbuf_free(struct rte_mbuf *packet);

int shim_dev_info_get(uint16_t port, struct shim_dev_info *out);
int shim_configure(uint16_t port, const struct shim_port_conf *conf);
int shim_rx_queue_setup(uint16_t port, uint16_t queue, uint16_t desc, int socket, struct rte_mempool *pool);
int shim_tx_queue_setup(uint16_t port, uint16_t queue, uint16_t desc, int socket);
int shim_rss_get(uint16_t port, uint8_t key_len, struct shim_rss *out);
int shim_reta_update(uint16_t port, const uint16_t *queues, uint16_t size);
int shim_reta_query(uint16_t port, uint16_t *queues, uint16_t size);
int shim_link_get(uint16_t port, struct shim_link *out);
int shim_stats_get(uint16_t port, struct shim_stats *out);
int shim_mac_get(uint16_t port, uint8_t *mac);
int shim_mac_set(uint16_t port, const uint8_t *mac);
int shim_multicast_set(uint16_t port, const uint8_t *macs, uint32_t count);

#endif
