// The same stream through lwIP, as Debian builds it: two interfaces of ours that hand each other's packets over in memory, the raw API,
// no thread. Prints what it reached.
#include <lwip/init.h>
#include <lwip/ip4.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { queue_capacity = 1024 };

struct queue {
    struct pbuf *frames[queue_capacity];
    unsigned first, count;
    struct netif *peer;
};

static struct netif left, right;
static struct queue to_left, to_right;
static uint64_t total, written, received, frames;
static char chunk[65536];

// What the interface's owner would do: the packet goes into one buffer of the device.
static err_t transmit(struct netif *from, struct pbuf *packet, const ip4_addr_t *address) {
    (void)address;
    struct queue *queue = from->state;
    if (queue->count == queue_capacity) return ERR_MEM;
    struct pbuf *frame = pbuf_alloc(PBUF_RAW, packet->tot_len, PBUF_RAM);
    if (frame == NULL) return ERR_MEM;
    pbuf_copy(frame, packet);
    queue->frames[(queue->first + queue->count++) % queue_capacity] = frame;
    return ERR_OK;
}

static void deliver(struct queue *queue) {
    while (queue->count > 0) {
        struct pbuf *frame = queue->frames[queue->first];
        queue->first = (queue->first + 1) % queue_capacity;
        queue->count--;
        frames++;
        if (queue->peer->input(frame, queue->peer) != ERR_OK) pbuf_free(frame);
    }
}

static err_t begin(struct netif *interface) {
    interface->output = transmit;
    interface->mtu = 1500;
    interface->name[0] = 'm';
    interface->name[1] = 'e';
    interface->flags = NETIF_FLAG_UP | NETIF_FLAG_LINK_UP;
    return ERR_OK;
}

static void feed(struct tcp_pcb *connection) {
    while (written < total) {
        uint64_t length = total - written;
        if (length > tcp_sndbuf(connection)) length = tcp_sndbuf(connection);
        if (length > sizeof chunk) length = sizeof chunk;
        if (length == 0 || tcp_write(connection, chunk, (u16_t)length, TCP_WRITE_FLAG_COPY) != ERR_OK) break;
        written += length;
    }
    tcp_output(connection);
}

static err_t sent(void *argument, struct tcp_pcb *connection, u16_t count) {
    (void)argument, (void)count;
    feed(connection);
    return ERR_OK;
}

static err_t connected(void *argument, struct tcp_pcb *connection, err_t error) {
    (void)argument, (void)error;
    feed(connection);
    return ERR_OK;
}

static err_t arrived(void *argument, struct tcp_pcb *connection, struct pbuf *data, err_t error) {
    (void)argument, (void)error;
    if (data == NULL) return ERR_OK;
    received += data->tot_len;
    tcp_recved(connection, data->tot_len);
    pbuf_free(data);
    return ERR_OK;
}

static err_t accepted(void *argument, struct tcp_pcb *connection, err_t error) {
    (void)argument, (void)error;
    tcp_recv(connection, arrived);
    return ERR_OK;
}

int main(int count, char **arguments) {
    total = (uint64_t)(count > 1 ? atoi(arguments[1]) : 1024) << 20;
    lwip_init();
    ip4_addr_t mask, none, here, there;
    IP4_ADDR(&mask, 255, 255, 255, 0);
    IP4_ADDR(&none, 0, 0, 0, 0);
    IP4_ADDR(&here, 10, 0, 0, 1);
    IP4_ADDR(&there, 10, 0, 0, 2);
    netif_add(&left, &here, &mask, &none, &to_right, begin, ip4_input);
    netif_add(&right, &there, &mask, &none, &to_left, begin, ip4_input);
    to_right.peer = &right;
    to_left.peer = &left;

    struct tcp_pcb *listener = tcp_new();
    tcp_bind_netif(listener, &right);
    tcp_bind(listener, IP_ADDR_ANY, 5001);
    listener = tcp_listen(listener);
    tcp_accept(listener, accepted);
    struct tcp_pcb *sender = tcp_new();
    tcp_bind_netif(sender, &left);
    ip_addr_t source, target;
    ip_addr_copy_from_ip4(source, here);
    ip_addr_copy_from_ip4(target, there);
    tcp_bind(sender, &source, 0);
    tcp_sent(sender, sent);
    tcp_connect(sender, &target, 5001, connected);

    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (unsigned turn = 0; received < total; turn++) {
        deliver(&to_right);
        deliver(&to_left);
        if (to_right.count + to_left.count == 0 || turn % 1024 == 0) sys_check_timeouts();
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
    printf("bench network.host.lwip %.0f Mbit/s\n", (double)total * 8 / seconds / 1e6);
    printf("bench network.host.lwip.frames %llu frames\n", (unsigned long long)frames);
    return 0;
}
