/*
 * The firmware behind the mailbox: what QEMU's property channel leaves out
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The GPIO expander, which on the board only the firmware reaches, and the
 * flags of the next boot. A reset with flag 0 set starts another kernel, once:
 * that of the property `tryboot-kernel`, as the firmware would take the one
 * that tryboot.txt names. Without the property the flag is dropped, as on a
 * card without that file.
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
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

OBJECT_DECLARE_SIMPLE_TYPE(FirmwareState, FIRMWARE)

#define TAG_GET_EXPANDER_STATE  0x00030041
#define TAG_SET_EXPANDER_STATE  0x00038041
#define TAG_GET_EXPANDER_CONFIG 0x00030043
#define TAG_SET_EXPANDER_CONFIG 0x00038043
#define TAG_NOTIFY_REBOOT       0x00030048
#define TAG_GET_REBOOT_FLAGS    0x00030064
#define TAG_SET_REBOOT_FLAGS    0x00038064

#define FLAG_TRYBOOT            1
#define FIRST_LINE              128
#define LINES                   8
#define KERNEL_ADDRESS          0x80000
#define KERNEL_MAXIMUM          (64 * MiB)

/* The lines as the firmware leaves them: WL_ON off, card powered at 3.3 V. */
#define SD_PWR_ON               6

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
    char *tryboot_kernel;
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
}

/* MARK: The tags */

/* How many words a tag is about: both the request and its answer. */
static unsigned tag_words(uint32_t tag)
{
    switch (tag) {
    case TAG_GET_EXPANDER_STATE:
    case TAG_SET_EXPANDER_STATE:
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
    bool is_wanted = s->flags & FLAG_TRYBOOT;

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
