// Values of system registers and the few addresses that assembly needs. DDI 0487 for the fields.
#ifndef APUS_REGISTERS_H
#define APUS_REGISTERS_H

#define IMAGE_ADDRESS       0x80000
#define APUS_NOTE_SIZE      512
#define CORE_STACK_SIZE     0x4000      // APUS_CORE_STACK_SIZE in Boot.h
#define SPIN_TABLE          0xd8        // one 64-bit slot a core, in the loader's stub

#define GICD_BASE           0xff841000
#define GICD_IGROUPR        0x080
#define GICD_ISENABLER      0x100
#define GICD_TYPER          0x004
#define GICD_TYPER_SECURITY 10
#define GICC_BASE           0xff842000
#define GICC_CTLR           0x000
#define GICC_PMR            0x004
#define GICC_IAR            0x00c
#define GICC_EOIR           0x010

#define CPUECTLR_EL1        S3_1_C15_C2_1   // Cortex-A72 TRM
#define CPUECTLR_SMPEN      0x40
#define CPUACTLR_EL1        S3_1_C15_C2_0
#define CPUACTLR_DIS_INSTR_PREFETCH 32
#define L2CTLR_EL1          S3_1_C11_C0_2
#define L2CTLR_LATENCIES    0x22
#define MIDR_A72_R0P0       0x410fd080
#define TREE_LIMIT          0x200000    // the most a device tree may have (boot protocol of Linux)
#define SCR_EL3_VALUE       0x5b1       // RW, HCE, SMD, RES1, NS
#define ACTLR_EL3_VALUE     0x73
#define CPTR_EL2_VALUE      0x33ff      // RES1 bits: nothing is trapped
#define HCR_EL2_VALUE       (1 << 31)   // RW: EL1 is AArch64; interrupts go to EL1
#define SPSR_EL2H           0x3c9       // EL2h, DAIF masked
#define SPSR_EL1T           0x3c4       // EL1t, DAIF masked
#define CPACR_FPEN          (3 << 20)

#define SCTLR_C             2           // the bit for the data cache
#define SCTLR_EL2_OFF       0x30c50830  // RES1 bits, everything off
#define SCTLR_EL1_OFF       0x30d00800
// M, C, SA, I and WXN: what is writable is never executable.
#define SCTLR_EL1_ON        (SCTLR_EL1_OFF | 0x1 | 0x4 | 0x8 | 0x1000 | 0x80000)

// Attribute 0 Device-nGnRE, 1 Normal write-back, 2 Normal non-cacheable.
#define MAIR_VALUE          0x0044ff04
// T0SZ 25 (39 bits), walks write-back inner shareable, 4 KiB, EPD1, IPS 36 bits.
#define TCR_VALUE           (25 | (1 << 8) | (1 << 10) | (3 << 12) | (1 << 23) | (1 << 32))

#define FRAME_SIZE          832         // struct apus_frame in Boot.h
#define FRAME_Q             320         // its q registers

#endif
