/*
 * GENET v5: the registers that the model gives a meaning to
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Offsets from the base of the 64 KiB window. Everything else in a known
 * block is storage.
 */

#ifndef APUS_GENET_REGISTERS_H
#define APUS_GENET_REGISTERS_H

#define GENET_WINDOW            0x10000
#define GENET_RINGS             17
#define GENET_DESCRIPTORS       256
#define GENET_FILTERS           48
#define GENET_MDF_FILTERS       17

#define SYS_REV_CTRL            0x0000
#define   GENET_V5              (6u << 24)
#define SYS_PORT_CTRL           0x0004
#define   PORT_EXTERNAL_GPHY    3
#define SYS_RBUF_FLUSH_CTRL     0x0008
#define   RBUF_FLUSH            (1 << 0)
#define   UMAC_RESET            (1 << 1)
#define SYS_TBUF_FLUSH_CTRL     0x000c

#define EXT_PWR_MGMT            0x0080
#define EXT_RGMII_OOB_CTRL      0x008c
#define   RGMII_LINK            (1 << 4)
#define   OOB_DISABLE           (1 << 5)
#define   RGMII_MODE_EN         (1 << 6)
#define   ID_MODE_DIS           (1 << 16)

#define INTRL2_0                0x0200
#define INTRL2_1                0x0240
#define   INTRL2_STAT           0x00
#define   INTRL2_SET            0x04
#define   INTRL2_CLEAR          0x08
#define   INTRL2_MASK_STATUS    0x0c
#define   INTRL2_MASK_SET       0x10
#define   INTRL2_MASK_CLEAR     0x14
#define IRQ0_LINK_UP            (1u << 4)
#define IRQ0_LINK_DOWN          (1u << 5)
#define IRQ0_RBUF_OVERFLOW      (1u << 9)
#define IRQ0_RXDMA_MBDONE       (1u << 13)
#define IRQ0_RXDMA_PDONE        (1u << 14)
#define IRQ0_RXDMA_BDONE        (1u << 15)
#define IRQ0_TXDMA_MBDONE       (1u << 16)
#define IRQ0_TXDMA_PDONE        (1u << 17)
#define IRQ0_TXDMA_BDONE        (1u << 18)
#define IRQ0_MDIO_DONE          (1u << 23)
#define IRQ0_MDIO_ERROR         (1u << 24)
#define IRQ1_RX(ring)           (1u << (16 + (ring)))
#define IRQ1_TX(ring)           (1u << (ring))

#define RBUF_CTRL               0x0300
#define   RBUF_64B_EN           (1 << 0)
#define   RBUF_ALIGN_2B         (1 << 1)
#define RBUF_PKT_RDY_THLD       0x0308
#define RBUF_STATUS             0x030c
#define RBUF_CHK_CTRL           0x0314
#define   RXCHK_EN              (1 << 0)
#define   SKIP_FCS              (1 << 4)
#define   L3_PARSE_DIS          (1 << 5)
#define RBUF_OVFL_CNT           0x0394
#define RBUF_ERR_CNT            0x0398
#define RBUF_ENERGY_CTRL        0x039c

#define TBUF_CTRL               0x0600
#define   TBUF_64B_EN           (1 << 0)
#define TBUF_BP_MC              0x060c
#define TBUF_PKT_RDY_THLD       0x0610

#define HD_BKP_CTRL             0x0804
#define UMAC_CMD                0x0808
#define   CMD_TX_EN             (1 << 0)
#define   CMD_RX_EN             (1 << 1)
#define   CMD_SPEED(value)      (((value) >> 2) & 3)
#define   CMD_PROMISC           (1 << 4)
#define   CMD_CRC_FWD           (1 << 6)
#define   CMD_PAUSE_FWD         (1 << 7)
#define   CMD_RX_PAUSE_IGNORE   (1 << 8)
#define   CMD_HD_EN             (1 << 10)
#define   CMD_SW_RESET          (1 << 13)
#define   CMD_LCL_LOOP_EN       (1 << 15)
#define   CMD_CNTL_FRM_EN       (1 << 23)
#define   CMD_TX_PAUSE_IGNORE   (1 << 28)
#define UMAC_MAC0               0x080c
#define UMAC_MAC1               0x0810
#define UMAC_MAX_FRAME_LEN      0x0814
#define PAUSE_QUANTA            0x0818
#define UMAC_MODE               0x0844
#define   MODE_LINK_STATUS      (1 << 5)
#define TX_IPG_LEN              0x085c
#define UMAC_EEE_CTRL           0x0864
#define UMAC_TX_FLUSH           0x0b34

#define MIB_FIRST               0x0c00
#define MIB_RX_BINS             0x0c00
#define MIB_RX_PACKETS          0x0c28
#define MIB_RX_BYTES            0x0c2c
#define MIB_RX_MULTICAST        0x0c30
#define MIB_RX_BROADCAST        0x0c34
#define MIB_RX_FCS_ERRORS       0x0c38
#define MIB_RX_CONTROL          0x0c3c
#define MIB_RX_PAUSE            0x0c40
#define MIB_RX_OVERSIZE         0x0c58
#define MIB_RX_GOOD             0x0c64
#define MIB_RX_UNICAST          0x0c68
#define MIB_RX_CRC_MATCH        0x0c70
#define MIB_TX_BINS             0x0c80
#define MIB_TX_PACKETS          0x0ca8
#define MIB_TX_MULTICAST        0x0cac
#define MIB_TX_BROADCAST        0x0cb0
#define MIB_TX_PAUSE            0x0cb4
#define MIB_TX_CONTROL          0x0cb8
#define MIB_TX_FCS_ERRORS       0x0cbc
#define MIB_TX_BYTES            0x0ce8
#define MIB_TX_GOOD             0x0cec
#define MIB_TX_UNICAST          0x0cf0
#define MIB_RUNTS               0x0d00
#define MIB_LAST                0x0d0c
#define UMAC_MIB_CTRL           0x0d80
#define   MIB_RESET_RX          (1 << 0)
#define   MIB_RESET_RUNT        (1 << 1)
#define   MIB_RESET_TX          (1 << 2)

#define UMAC_MDIO_CMD           0x0e14
#define   MDIO_START_BUSY       (1u << 29)
#define   MDIO_READ_FAIL        (1u << 28)
#define   MDIO_OPERATION(value) (((value) >> 26) & 3)
#define   MDIO_WRITE            1
#define   MDIO_READ             2
#define   MDIO_ADDRESS(value)   (((value) >> 21) & 0x1f)
#define   MDIO_REGISTER(value)  (((value) >> 16) & 0x1f)
#define UMAC_MDIO_CFG           0x0e18
#define UMAC_MPD_CTRL           0x0e20
#define   MPD_EN                (1 << 0)
#define UMAC_MDF_ERR_CNT        0x0e38
#define UMAC_MDF_CTRL           0x0e50
#define UMAC_MDF_ADDR0(filter)  (0x0e54 + 8 * (filter))

#define RDMA                    0x2000
#define TDMA                    0x4000
#define   DMA_RINGS             0x0c00
#define   DMA_COMMON            0x1040

/* In a ring's 64 bytes; HARD is RDMA's producer and TDMA's consumer. */
#define RING_HARD_POINTER       0x00
#define RING_HARD_INDEX         0x08
#define RING_SOFT_INDEX         0x0c
#define RING_BUF_SIZE           0x10
#define RING_START              0x14
#define RING_END                0x1c
#define RING_MBUF_DONE_THRESH   0x24
#define RING_FLOW               0x28

/* From the common registers on. */
#define DMA_RING_CFG            0x00
#define DMA_CTRL                0x04
#define   DMA_EN                (1 << 0)
#define   DMA_RING_EN(ring)     (1u << ((ring) + 1))
#define DMA_STATUS              0x08
#define   DMA_DISABLED          (1 << 0)
#define   DMA_RINGS_MASK        0x3fffe
#define TDMA_ARB_CTRL           0x2c
#define TDMA_PRIORITY_0         0x30
#define RDMA_TIMEOUT(ring)      (0x2c + 4 * (ring))
#define RDMA_INDEX2RING_0       0x70

/* A descriptor's first word. */
#define DESC_LENGTH(word)       (((word) >> 16) & 0xfff)
#define DESC_CHECKSUM_OK        (1u << 15)
#define DESC_EOP                (1u << 14)
#define DESC_SOP                (1u << 13)
#define DESC_RX_FILTER(filter)  (((filter) & 0x1f) << 7)
#define DESC_RX_BROADCAST       (1u << 6)
#define DESC_RX_MULTICAST       (1u << 5)
#define DESC_RX_TOO_LONG        (1u << 4)
#define DESC_RX_CRC_ERROR       (1u << 1)
#define DESC_TX_APPEND_CRC      (1u << 6)
#define DESC_TX_OVERWRITE_CRC   (1u << 5)
#define DESC_TX_DO_CHECKSUM     (1u << 4)

#define ETH_P_CONTROL           0x8808
#define PAUSE_OPCODE            1

#define STATUS_BLOCK            64
#define CHECKSUM_WORD           12      /* of the transmit status block */
#define   CHECKSUM_VALID        (1u << 31)
#define   CHECKSUM_UDP          (1u << 15)

#define HFB_PATTERNS            0x8000
#define HFB_CTRL                0xfc00
#define   HFB_EN                (1 << 0)
#define HFB_ENABLE_HIGH         0xfc04
#define HFB_ENABLE_LOW          0xfc08
#define HFB_LENGTHS             0xfc1c

#endif
