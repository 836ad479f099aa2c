/*
 * The firmware behind the mailbox: what QEMU's property channel leaves out
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The GPIO expander, which on the board only the firmware reaches, the rates
 * of clocks, and the flags of the next boot. Which tags are marked as answered
 * and which end a message is said by a table; `unknown-tags`, `unmarked-tags`
 * and `empty-tags` (numbers with colons between them, or `all`) change it.
 *
 * Once the reset is announced, switching the card's power off cycles it at
 * 3.3 V. Where the card's signals are at 1.8 V at a reset, the boot loader
 * resets the board's supply: memory decays, and nobody knows the cause.
 *
 * A reset with flag 0 set starts another kernel, once:
 * that of the property `tryboot-kernel`, as the firmware would take the one
 * that tryboot.txt names. Without the property the flag is dropped, as on a
 * card without that file.
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/error-report.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "qemu/units.h"
#include "exec/address-spaces.h"
#include "hw/irq.h"
#include "hw/qdev-properties.h"
#include "hw/sysbus.h"
#include "migration/vmstate.h"
#include "system/dma.h"
#include "devices.h"
#include "firmware.h"
#include "power-management.h"

OBJECT_DECLARE_SIMPLE_TYPE(FirmwareState, FIRMWARE)

#define TAG_GET_EXPANDER_STATE  0x00030041
#define TAG_SET_EXPANDER_STATE  0x00038041
#define TAG_GET_EXPANDER_CONFIG 0x00030043
#define TAG_SET_EXPANDER_CONFIG 0x00038043
#define TAG_NOTIFY_REBOOT       0x00030048
#define TAG_GET_REBOOT_FLAGS    0x00030064
#define TAG_SET_REBOOT_FLAGS    0x00038064
#define TAG_SET_POWER_STATE     0x00028001
#define TAG_GET_CLOCK_RATE      0x00030002
#define TAG_GET_MEASURED_RATE   0x00030047
#define TAG_GET_VOLTAGE         0x00030003

#define CLOCK_ARM               3
#define CLOCK_CORE              4
#define CLOCK_EMMC2             12

#define FLAG_TRYBOOT            1
#define FIRST_LINE              128
#define LINES                   8
#define KERNEL_ADDRESS          0x80000
#define KERNEL_MAXIMUM          (64 * MiB)

/* The lines as the firmware leaves them: WL_ON off, card powered at 3.3 V. */
#define SIGNALS_AT_1V8          4
#define SD_PWR_ON               6

/* Where images keep what is to outlive a reset, and more. */
#define RETAINED                0x1f0000
#define RETAINED_SIZE           0x10000
#define SOME_BITS               64

/* One line of the expander. */
typedef struct Line {
    uint32_t is_output;
    uint32_t polarity;          /* 1: inverted */
    uint32_t is_terminated;
    uint32_t is_pulled_up;
    uint32_t state;
} Line;

struct FirmwareState {
    SysBusDevice parent_obj;

    Line line[LINES];
    qemu_irq out[LINES];
    uint32_t flags;
    bool was_notified;
    bool tries;                 /* the boot under way is a trial */
    bool loses_memory;          /* the reset under way takes the supply */
    char *tryboot_kernel;
    char *unknown, *unmarked, *empty;
    uint32_t emmc2_rate;
    uint32_t seed;
    bool always_decays;
};

/* There is one, as there is one mailbox. */
static FirmwareState *firmware;

/* MARK: The expander */

static void drive(FirmwareState *s, unsigned number, uint32_t state)
{
    s->line[number].state = state & 1;
    qemu_set_irq(s->out[number], state & 1);
}

static uint32_t word(AddressSpace *as, hwaddr values, unsigned index)
{
    return ldl_le_phys(as, values + 4 * index);
}

static void answer(AddressSpace *as, hwaddr values, unsigned index,
                   uint32_t value)
{
    stl_le_phys(as, values + 4 * index, value);
}

/* The line that a request is about; NULL, and a status in the answer. */
static Line *find_line(FirmwareState *s, AddressSpace *as, hwaddr values,
                       unsigned *number)
{
    uint32_t gpio = word(as, values, 0);

    if (gpio < FIRST_LINE || gpio >= FIRST_LINE + LINES) {
        qemu_log_mask(LOG_GUEST_ERROR, "firmware: no expander line %u\n", gpio);
        answer(as, values, 0, gpio);
        return NULL;
    }
    *number = gpio - FIRST_LINE;
    answer(as, values, 0, 0);
    return &s->line[*number];
}

static void get_config(AddressSpace *as, hwaddr values, const Line *line)
{
    answer(as, values, 1, line->is_output);
    answer(as, values, 2, line->polarity);
    answer(as, values, 3, line->is_terminated);
    answer(as, values, 4, line->is_pulled_up);
}

static void set_config(FirmwareState *s, AddressSpace *as, hwaddr values,
                       unsigned number)
{
    Line *line = &s->line[number];

    line->is_output = word(as, values, 1) & 1;
    line->polarity = word(as, values, 2) & 1;
    line->is_terminated = word(as, values, 3) & 1;
    line->is_pulled_up = word(as, values, 4) & 1;
    if (line->is_output) {
        drive(s, number, word(as, values, 5));
    }
}

static void set_state(FirmwareState *s, AddressSpace *as, hwaddr values,
                      unsigned number)
{
    if (!s->line[number].is_output) {
        qemu_log_mask(LOG_GUEST_ERROR, "firmware: expander line %u is an "
                      "input\n", FIRST_LINE + number);
        return;
    }
    drive(s, number, word(as, values, 1));
    if (s->was_notified && number == SD_PWR_ON && !(word(as, values, 1) & 1)) {
        drive(s, SIGNALS_AT_1V8, 0);
        drive(s, SD_PWR_ON, 1);
    }
}

/* MARK: The tags */

/* How many words a tag is about: both the request and its answer. */
static unsigned tag_words(uint32_t tag)
{
    switch (tag) {
    case TAG_GET_EXPANDER_STATE:
    case TAG_SET_EXPANDER_STATE:
    case TAG_GET_MEASURED_RATE:
    case TAG_GET_VOLTAGE:
        return 2;
    case TAG_GET_EXPANDER_CONFIG:
        return 5;
    case TAG_SET_EXPANDER_CONFIG:
        return 6;
    case TAG_GET_REBOOT_FLAGS:
    case TAG_SET_REBOOT_FLAGS:
        return 1;
    default:
        return 0;
    }
}

/* Whether `list`, numbers with colons between them or `all`, has `tag`. */
static bool lists(const char *list, uint32_t tag)
{
    if (list && !strcmp(list, "all")) {
        return true;
    }
    while (list && *list) {
        if (strtoul(list, NULL, 0) == tag) {
            return true;
        }
        list = strchr(list, ':');
        list = list ? list + 1 : NULL;
    }
    return false;
}

/* The tags that are answered as the board does, here or by QEMU. */
static const struct {
    uint32_t tag, least;
    FirmwareStyle style;
} table[] = {
    { 0x00000001, 4 }, { 0x00010001, 4 }, { 0x00010002, 4 }, { 0x00010003, 6 },
    { 0x00010004, 8 }, { 0x00010005, 8 }, { 0x00010006, 8 }, { 0x00010007, 0 },
    { 0x00028001, 8 }, { 0x00030001, 8 }, { 0x00038001, 8 }, { 0x00030002, 8 },
    { 0x00030004, 8 }, { 0x00030007, 8 }, { 0x00038002, 8 }, { 0x00038004, 8 },
    { 0x00038007, 8 }, { 0x00030006, 8 }, { 0x0003000a, 8 }, { 0x00030021, 8 },
    { 0x00038021, 8 }, { 0x00030046, 4 }, { 0x00030081, 8 }, { 0x00038081, 8 },
    { 0x00050001, 0 }, { 0x00060001, 4 }, { 0x00030041, 8 }, { 0x00030043, 20 },
    { 0x00030047, 8 }, { 0x00030048, 0 }, { 0x00030064, 4 }, { 0x00038064, 4 },
    { 0x00030003, 8 },
    { 0x00038041, 8, STYLE_UNMARKED }, { 0x00038043, 24, STYLE_UNMARKED },
};

/* Tags that the board knows and nobody here does. */
static const uint32_t left_out[] = {
    0x00000002, 0x00000003, 0x00020001, 0x00020002, 0x00038003,
    0x00030005, 0x00030008, 0x00030009, 0x00038009, 0x0003000b, 0x00030020,
    0x00030030, 0x00038030, 0x00030045, 0x00038045, 0x00030049, 0x00038049,
    0x00030050, 0x00038050, 0x00030058, 0x00038042, 0x0003008e, 0x0003008f,
};

/* The display's tags, all of which QEMU answers. */
static bool is_display(uint32_t tag)
{
    return (tag & 0xfff00000) == 0 && (tag >> 16 & 0xf) == 4;
}

FirmwareStyle apus_firmware_style(uint32_t tag, uint32_t size)
{
    FirmwareState *s = firmware;

    if (s && lists(s->unknown, tag)) {
        return STYLE_UNKNOWN;
    }
    if (s && lists(s->empty, tag)) {
        return STYLE_EMPTY;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(table); i++) {
        if (table[i].tag != tag) {
            continue;
        }
        if (size < table[i].least) {
            qemu_log_mask(LOG_GUEST_ERROR, "firmware: tag 0x%08x in a buffer "
                          "of %u bytes\n", tag, size);
            return STYLE_UNKNOWN;
        }
        return s && lists(s->unmarked, tag) ? STYLE_UNMARKED : table[i].style;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(left_out); i++) {
        if (left_out[i] == tag) {
            return STYLE_EMPTY;
        }
    }
    return is_display(tag) ? STYLE_MARKED : STYLE_UNKNOWN;
}

void apus_firmware_amend(AddressSpace *as, uint32_t tag, hwaddr values,
                         uint32_t asked)
{
    if (tag == TAG_SET_POWER_STATE) {
        answer(as, values, 1, asked != 0);
    } else if (tag == TAG_GET_CLOCK_RATE &&
               word(as, values, 0) == CLOCK_EMMC2) {
        answer(as, values, 1, firmware->emmc2_rate);
    }
}

/* The firmware of 2026 does not measure the clocks of cores. */
static uint32_t measured_rate(FirmwareState *s, uint32_t clock)
{
    switch (clock) {
    case CLOCK_ARM:
    case CLOCK_CORE:
        return 0;
    case CLOCK_EMMC2:
        return s->emmc2_rate;
    default:
        return 500000000;
    }
}

/* Microvolts, as measured on a board: of the core, and of the memory. */
static uint32_t voltage(uint32_t rail)
{
    switch (rail) {
    case 1:
        return 1036000;
    case 2: case 3: case 4:
        return 1100000;
    default:
        return 0x80000000;
    }
}

bool apus_firmware_loses_memory(void)
{
    return firmware && firmware->loses_memory;
}

static void expander_tag(FirmwareState *s, AddressSpace *as, uint32_t tag,
                         hwaddr values)
{
    unsigned number;
    Line *line = find_line(s, as, values, &number);

    if (!line) {
        return;
    }
    switch (tag) {
    case TAG_GET_EXPANDER_STATE:
        answer(as, values, 1, line->state);
        break;
    case TAG_SET_EXPANDER_STATE:
        set_state(s, as, values, number);
        break;
    case TAG_GET_EXPANDER_CONFIG:
        get_config(as, values, line);
        break;
    case TAG_SET_EXPANDER_CONFIG:
        set_config(s, as, values, number);
        break;
    }
}

bool apus_firmware_tag(AddressSpace *as, uint32_t tag, hwaddr values,
                       uint32_t size, size_t *length)
{
    FirmwareState *s = firmware;
    unsigned words = tag_words(tag);

    if (!s || (!words && tag != TAG_NOTIFY_REBOOT)) {
        return false;
    }
    if (size < 4 * words) {
        qemu_log_mask(LOG_GUEST_ERROR, "firmware: tag 0x%08x in a buffer of %u "
                      "bytes\n", tag, size);
        return true;
    }
    switch (tag) {
    case TAG_NOTIFY_REBOOT:
        s->was_notified = true;
        break;
    case TAG_GET_REBOOT_FLAGS:
        answer(as, values, 0, s->flags);
        break;
    case TAG_SET_REBOOT_FLAGS:
        s->flags = word(as, values, 0);
        apus_power_mark_trial(s->flags & FLAG_TRYBOOT);
        answer(as, values, 0, 0);
        break;
    case TAG_GET_MEASURED_RATE:
        answer(as, values, 1, measured_rate(s, word(as, values, 0)));
        break;
    case TAG_GET_VOLTAGE:
        answer(as, values, 1, voltage(word(as, values, 0)));
        break;
    default:
        expander_tag(s, as, tag, values);
        break;
    }
    *length = 4 * words;
    return true;
}

/* MARK: Reset */

/* Puts the other kernel over the usual one. */
static void load_trial(FirmwareState *s)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *bytes = NULL;
    gsize length;

    if (!s->tryboot_kernel) {
        qemu_log_mask(LOG_UNIMP, "firmware: tryboot without a tryboot-kernel: "
                      "the usual one starts\n");
        return;
    }
    if (!g_file_get_contents(s->tryboot_kernel, &bytes, &length, &error)) {
        error_report("firmware: %s", error->message);
        return;
    }
    if (length > KERNEL_MAXIMUM ||
        dma_memory_write(&address_space_memory, KERNEL_ADDRESS, bytes, length,
                         MEMTXATTRS_UNSPECIFIED)) {
        error_report("firmware: %s is too long", s->tryboot_kernel);
        return;
    }
    s->tries = true;
}

/* What a reset does to memory that nobody refreshes meanwhile. */
static void decay(FirmwareState *s)
{
    g_autofree uint8_t *bytes = g_malloc(RETAINED_SIZE);
    unsigned bits = RETAINED_SIZE * 8, flips = SOME_BITS;
    g_autoptr(GRand) random = g_rand_new_with_seed(s->seed++);

    if (s->loses_memory) {
        /* 2 to 10 of a hundred. */
        flips = bits / 1000 * g_rand_int_range(random, 20, 101);
        qemu_log_mask(LOG_GUEST_ERROR, "firmware: a reset with the card at 1.8 "
                      "V: memory and cause are lost\n");
    }
    dma_memory_read(&address_space_memory, RETAINED, bytes, RETAINED_SIZE,
                    MEMTXATTRS_UNSPECIFIED);
    for (unsigned i = 0; i < flips; i++) {
        unsigned bit = g_rand_int_range(random, 0, bits);

        bytes[bit / 8] ^= 1 << bit % 8;
    }
    dma_memory_write(&address_space_memory, RETAINED, bytes, RETAINED_SIZE,
                     MEMTXATTRS_UNSPECIFIED);
}

/* Before any device is reset. */
static void firmware_reset_enter(Object *obj, ResetType type)
{
    FirmwareState *s = FIRMWARE(obj);

    s->loses_memory = s->line[SIGNALS_AT_1V8].state || s->always_decays;
}

static void firmware_reset_hold(Object *obj, ResetType type)
{
    FirmwareState *s = FIRMWARE(obj);

    for (unsigned i = 0; i < LINES; i++) {
        s->line[i] = (Line) { .is_output = 1 };
    }
    s->line[SD_PWR_ON].state = 1;
}

/* When QEMU has put the usual kernel into memory. */
static void firmware_reset_exit(Object *obj, ResetType type)
{
    FirmwareState *s = FIRMWARE(obj);
    bool is_wanted = apus_power_starts_trial();

    if (is_wanted && !s->was_notified) {
        qemu_log_mask(LOG_GUEST_ERROR, "firmware: tryboot without a notice of "
                      "the reboot\n");
    }
    s->flags = 0;
    s->was_notified = false;
    s->tries = false;
    /* A card that was left at 1.8 V comes back by having no power. */
    qemu_set_irq(s->out[SD_PWR_ON], 0);
    for (unsigned i = 0; i < LINES; i++) {
        qemu_set_irq(s->out[i], s->line[i].state);
    }
    decay(s);
    if (is_wanted) {
        load_trial(s);
    }
}

/* MARK: The device */

static void get_lines(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    FirmwareState *s = FIRMWARE(obj);
    uint32_t lines = 0;

    for (unsigned i = 0; i < LINES; i++) {
        lines |= s->line[i].state << i;
    }
    visit_type_uint32(v, name, &lines, errp);
}

static bool get_tries(Object *obj, Error **errp)
{
    return FIRMWARE(obj)->tries;
}

static void firmware_init(Object *obj)
{
    FirmwareState *s = FIRMWARE(obj);

    object_property_add(obj, "expander", "uint32", get_lines, NULL, NULL, NULL);
    object_property_add_bool(obj, "is-trial", get_tries, NULL);
    object_property_add_uint32_ptr(obj, "reboot-flags", &s->flags,
                                   OBJ_PROP_FLAG_READWRITE);
    qdev_init_gpio_out_named(DEVICE(obj), s->out, "expander", LINES);
}

static void firmware_realize(DeviceState *dev, Error **errp)
{
    firmware = FIRMWARE(dev);
}

static const Property firmware_properties[] = {
    DEFINE_PROP_STRING("tryboot-kernel", FirmwareState, tryboot_kernel),
    DEFINE_PROP_STRING("unknown-tags", FirmwareState, unknown),
    DEFINE_PROP_STRING("unmarked-tags", FirmwareState, unmarked),
    DEFINE_PROP_STRING("empty-tags", FirmwareState, empty),
    DEFINE_PROP_UINT32("emmc2-rate", FirmwareState, emmc2_rate, 100000000),
    DEFINE_PROP_UINT32("seed", FirmwareState, seed, 1),
    DEFINE_PROP_BOOL("always-decays", FirmwareState, always_decays, false),
};

static const VMStateDescription firmware_vmstate = {
    .name = TYPE_FIRMWARE,
    .unmigratable = 1,
};

static void firmware_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    dc->realize = firmware_realize;
    dc->vmsd = &firmware_vmstate;
    rc->phases.enter = firmware_reset_enter;
    rc->phases.hold = firmware_reset_hold;
    rc->phases.exit = firmware_reset_exit;
    device_class_set_props(dc, firmware_properties);
}

static const TypeInfo firmware_type = {
    .name = TYPE_FIRMWARE,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(FirmwareState),
    .instance_init = firmware_init,
    .class_init = firmware_class_init,
};

static void firmware_register_types(void)
{
    type_register_static(&firmware_type);
}

type_init(firmware_register_types)
