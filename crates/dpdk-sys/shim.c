#include "shim.h"

#include <string.h>

#include <rte_bus.h>
#include <rte_dev.h>

#define FIELDS(X) \
	X(buf_addr) X(data_off) X(nb_segs) X(port) X(ol_flags) X(pkt_len) X(data_len) X(vlan_tci) \
	X(hash.rss) X(buf_len) X(pool) X(tx_offload)
#define OFFSET(field) offsetof(struct rte_mbuf, field),

/* In the order of SHIM_MBUF_*; SIZE_MAX ends it. */
size_t shim_mbuf_offset(int field)
{
	static const size_t offsets[] = { FIELDS(OFFSET) };
	return (size_t)field < sizeof offsets / sizeof *offsets ? offsets[field] : SIZE_MAX;
}

int shim_errno(void) { return rte_errno; }
unsigned int shim_lcore_id(void) { return rte_lcore_id(); }

int shim_lcore_runs_on(unsigned int lcore, int cpu)
{
	rte_cpuset_t cpus = rte_lcore_cpuset(lcore);
	return cpu < CPU_SETSIZE && CPU_ISSET(cpu, &cpus);
}

uint16_t shim_rx_burst(uint16_t port, uint16_t queue, struct rte_mbuf **room, uint16_t max) { return rte_eth_rx_burst(port, queue, room, max); }
uint16_t shim_tx_burst(uint16_t port, uint16_t queue, struct rte_mbuf **packets, uint16_t count) { return rte_eth_tx_burst(port, queue, packets, count); }
struct rte_mbuf *shim_pktmbuf_alloc(struct rte_mempool *pool) { return rte_pktmbuf_alloc(pool); }
void shim_pktmbuf_free(struct rte_mbuf *packet) { rte_pktmbuf_free(packet); }

int shim_dev_info_get(uint16_t port, struct shim_dev_info *out)
{
	struct rte_eth_dev_info info;
	int failed = rte_eth_dev_info_get(port, &info);
	if (failed)
		return failed;
	*out = (struct shim_dev_info){
		.driver = info.driver_name,
		.bus = info.device ? rte_bus_name(rte_dev_bus(info.device)) : NULL,
		.device = info.device ? rte_dev_name(info.device) : NULL,
		.if_index = info.if_index,
		.min_mtu = info.min_mtu,
		.max_mtu = info.max_mtu,
		.max_rx_queues = info.max_rx_queues,
		.max_tx_queues = info.max_tx_queues,
		.rx_desc_min = info.rx_desc_lim.nb_min,
		.rx_desc_max = info.rx_desc_lim.nb_max,
		.tx_desc_min = info.tx_desc_lim.nb_min,
		.tx_desc_max = info.tx_desc_lim.nb_max,
		.min_rx_bufsize = info.min_rx_bufsize,
		.max_rx_pktlen = info.max_rx_pktlen,
		.max_mac_addrs = info.max_mac_addrs,
		.rx_offloads = info.rx_offload_capa,
		.tx_offloads = info.tx_offload_capa,
		.rss_fields = info.flow_type_rss_offloads,
		.reta_size = info.reta_size,
		.hash_key_size = info.hash_key_size,
	};
	return 0;
}

int shim_configure(uint16_t port, const struct shim_port_conf *conf)
{
	struct rte_eth_conf eth = {
		.rxmode = {
			.mq_mode = conf->rss_fields ? RTE_ETH_MQ_RX_RSS : RTE_ETH_MQ_RX_NONE,
			.mtu = conf->mtu,
			.offloads = conf->rx_offloads,
		},
		.txmode = { .mq_mode = RTE_ETH_MQ_TX_NONE, .offloads = conf->tx_offloads },
		.rx_adv_conf.rss_conf = {
			.rss_key = conf->rss_key,
			.rss_key_len = conf->rss_key_len,
			.rss_hf = conf->rss_fields,
		},
	};
	return rte_eth_dev_configure(port, conf->rx_queues, conf->tx_queues, &eth);
}

/* No configuration of its own: the driver's default, with what the whole port was configured for. */
int shim_rx_queue_setup(uint16_t port, uint16_t queue, uint16_t desc, int socket, struct rte_mempool *pool)
{
	return rte_eth_rx_queue_setup(port, queue, desc, (unsigned int)socket, NULL, pool);
}

int shim_tx_queue_setup(uint16_t port, uint16_t queue, uint16_t desc, int socket)
{
	return rte_eth_tx_queue_setup(port, queue, desc, (unsigned int)socket, NULL);
}

int shim_rss_get(uint16_t port, uint8_t key_len, struct shim_rss *out)
{
	struct rte_eth_rss_conf conf = { .rss_key = out->key, .rss_key_len = key_len };
	int failed = rte_eth_dev_rss_hash_conf_get(port, &conf);
	out->fields = conf.rss_hf;
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	out->not_toeplitz = conf.algorithm != RTE_ETH_HASH_FUNCTION_DEFAULT && conf.algorithm != RTE_ETH_HASH_FUNCTION_TOEPLITZ;
#endif
	return failed;
}

#define RETA_GROUPS (UINT16_MAX / RTE_ETH_RETA_GROUP_SIZE + 1)

int shim_reta_update(uint16_t port, const uint16_t *queues, uint16_t size)
{
	struct rte_eth_rss_reta_entry64 reta[RETA_GROUPS] = { 0 };
	for (unsigned int i = 0; i < size; i++) {
		reta[i / RTE_ETH_RETA_GROUP_SIZE].mask |= UINT64_C(1) << i % RTE_ETH_RETA_GROUP_SIZE;
		reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE] = queues[i];
	}
	return rte_eth_dev_rss_reta_update(port, reta, size);
}

int shim_reta_query(uint16_t port, uint16_t *queues, uint16_t size)
{
	struct rte_eth_rss_reta_entry64 reta[RETA_GROUPS] = { 0 };
	for (unsigned int i = 0; i < size; i++)
		reta[i / RTE_ETH_RETA_GROUP_SIZE].mask |= UINT64_C(1) << i % RTE_ETH_RETA_GROUP_SIZE;
	int failed = rte_eth_dev_rss_reta_query(port, reta, size);
	for (unsigned int i = 0; i < size; i++)
		queues[i] = reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE];
	return failed;
}

int shim_link_get(uint16_t port, struct shim_link *out)
{
	struct rte_eth_link link;
	int failed = rte_eth_link_get_nowait(port, &link);
	if (failed)
		return failed;
	*out = (struct shim_link){
		.speed = link.link_speed,
		.up = link.link_status,
		.full_duplex = link.link_duplex,
		.autoneg = link.link_autoneg,
	};
	return 0;
}

int shim_stats_get(uint16_t port, struct shim_stats *out)
{
	struct rte_eth_stats stats;
	int failed = rte_eth_stats_get(port, &stats);
	if (failed)
		return failed;
	*out = (struct shim_stats){
		.ipackets = stats.ipackets,
		.opackets = stats.opackets,
		.ibytes = stats.ibytes,
		.obytes = stats.obytes,
		.imissed = stats.imissed,
		.ierrors = stats.ierrors,
		.oerrors = stats.oerrors,
		.rx_nombuf = stats.rx_nombuf,
	};
	memcpy(out->q_ipackets, stats.q_ipackets, sizeof out->q_ipackets);
	memcpy(out->q_opackets, stats.q_opackets, sizeof out->q_opackets);
	memcpy(out->q_ibytes, stats.q_ibytes, sizeof out->q_ibytes);
	memcpy(out->q_obytes, stats.q_obytes, sizeof out->q_obytes);
	memcpy(out->q_errors, stats.q_errors, sizeof out->q_errors);
	return 0;
}

int shim_mac_get(uint16_t port, uint8_t *mac) { return rte_eth_macaddr_get(port, (struct rte_ether_addr *)mac); }
int shim_multicast_set(uint16_t port, const uint8_t *macs, uint32_t count) { return rte_eth_dev_set_mc_addr_list(port, (struct rte_ether_addr *)(uintptr_t)macs, count); }

int shim_mac_set(uint16_t port, const uint8_t *mac)
{
	struct rte_ether_addr address;
	memcpy(&address, mac, sizeof address);
	return rte_eth_dev_default_mac_addr_set(port, &address);
}
