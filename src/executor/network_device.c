/* Network devices: setting up the loopback device, and moving others with what the kernel forgets on the way: their
 * addresses, and that they are up. */
#include "run.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define ADDRESSES_MAX (64 * 1024)
#define ANSWER_MAX (32 * 1024)

struct addresses {
    size_t length;
    char messages[ADDRESSES_MAX]; /* RTM_NEWADDR as the kernel told them: it takes them back like that */
};

struct link_request {
    struct nlmsghdr header;
    struct ifinfomsg link;
    char attributes[64];
};

int op_network_socket(struct run *run, const struct op_network_socket *a)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0) return -errno;
    slot_set_fd(run, a->into, fd);
    return 0;
}

int op_loopback(struct run *run, const struct op_loopback *a)
{
    (void)run, (void)a;
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd CLEANUP_FD = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    return fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
}

static void add_attribute(struct nlmsghdr *message, unsigned short type, const void *data, size_t length)
{
    struct rtattr *attribute = (struct rtattr *)((char *)message + NLMSG_ALIGN(message->nlmsg_len));
    *attribute = (struct rtattr){(unsigned short)RTA_LENGTH(length), type};
    memcpy(RTA_DATA(attribute), data, length);
    message->nlmsg_len = (uint32_t)(NLMSG_ALIGN(message->nlmsg_len) + RTA_ALIGN(attribute->rta_len));
}

/* Sends a request and takes its acknowledgement. 0 or -errno. */
static int ask(int socket, const struct nlmsghdr *request)
{
    static char answer[ANSWER_MAX];
    if (send(socket, request, request->nlmsg_len, 0) < 0) return -errno;
    ssize_t length = recv(socket, answer, sizeof answer, 0);
    const struct nlmsghdr *message = (const struct nlmsghdr *)answer;
    if (length < 0) return -errno;
    if (!NLMSG_OK(message, (size_t)length) || message->nlmsg_type != NLMSG_ERROR) return -EPROTO;
    return ((const struct nlmsgerr *)NLMSG_DATA(message))->error;
}

/* The number of a device in the namespace of the socket, or -errno. */
static int find(int socket, const char *name)
{
    struct ifreq request = {0};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    return ioctl(socket, SIOCGIFINDEX, &request) < 0 ? -errno : request.ifr_ifindex;
}

/* Of all that the kernel tells, the addresses that someone gave this device to be reached by (config-linux.md). */
static int keep_addresses(struct addresses *kept, const struct nlmsghdr *message, int length, int index)
{
    for (; NLMSG_OK(message, length); message = NLMSG_NEXT(message, length)) {
        const struct ifaddrmsg *address = NLMSG_DATA(message);
        if (message->nlmsg_type == NLMSG_DONE) return 0;
        if (message->nlmsg_type == NLMSG_ERROR) return ((const struct nlmsgerr *)NLMSG_DATA(message))->error;
        if ((int)address->ifa_index != index || address->ifa_scope != RT_SCOPE_UNIVERSE) continue;
        if ((address->ifa_flags & IFA_F_PERMANENT) == 0) continue;
        if (kept->length + NLMSG_ALIGN(message->nlmsg_len) > sizeof kept->messages) return -E2BIG;
        memcpy(kept->messages + kept->length, message, message->nlmsg_len);
        kept->length += NLMSG_ALIGN(message->nlmsg_len);
    }
    return 1;
}

static int read_addresses(int socket, int index, struct addresses *kept)
{
    static char answer[ANSWER_MAX];
    struct {
        struct nlmsghdr header;
        struct ifaddrmsg address;
    } request = {.header = {sizeof request, RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, 0, 0}};
    kept->length = 0;
    if (send(socket, &request, sizeof request, 0) < 0) return -errno;
    int more = 1;
    while (more > 0) {
        ssize_t length = recv(socket, answer, sizeof answer, 0);
        if (length < 0) return -errno;
        more = keep_addresses(kept, (const struct nlmsghdr *)answer, (int)length, index);
    }
    return more;
}

/* The label of an address is the name of the device, unless someone made another one: then the new name is the label. */
static void forget_label(struct nlmsghdr *message, const char *device)
{
    struct rtattr *attribute = IFA_RTA(NLMSG_DATA(message));
    for (int length = (int)IFA_PAYLOAD(message); RTA_OK(attribute, length); attribute = RTA_NEXT(attribute, length)) {
        if (attribute->rta_type == IFA_LABEL && strcmp(RTA_DATA(attribute), device) == 0) attribute->rta_type = IFA_UNSPEC;
    }
}

static int add_addresses(int socket, int index, struct addresses *kept, const char *device)
{
    int length = (int)kept->length;
    for (struct nlmsghdr *message = (struct nlmsghdr *)kept->messages; NLMSG_OK(message, length); message = NLMSG_NEXT(message, length)) {
        message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
        ((struct ifaddrmsg *)NLMSG_DATA(message))->ifa_index = (uint32_t)index;
        forget_label(message, device);
        int result = ask(socket, message);
        if (result < 0) return result;
    }
    return 0;
}

/* It arrives under a name that nobody else there can have. */
static int move(int socket, int index, pid_t pid, const char *name)
{
    struct link_request request = {
        .header = {NLMSG_LENGTH(sizeof request.link), RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, 0, 0},
        .link = {.ifi_index = index},
    };
    uint32_t target = (uint32_t)pid;
    add_attribute(&request.header, IFLA_NET_NS_PID, &target, sizeof target);
    add_attribute(&request.header, IFLA_IFNAME, name, strlen(name) + 1);
    return ask(socket, &request.header);
}

/* Its name and that it is up, in this order: a device that is up may not be renamed before Linux 6.3. */
static int rename_and_start(int socket, const char *old, const char *name, int index)
{
    struct ifreq request = {0};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", old);
    snprintf(request.ifr_newname, sizeof request.ifr_newname, "%s", name);
    if (ioctl(socket, SIOCSIFNAME, &request) < 0) return -errno;
    request.ifr_ifindex = index;
    if (ioctl(socket, SIOCGIFNAME, &request) < 0 || ioctl(socket, SIOCGIFFLAGS, &request) < 0) return -errno;
    request.ifr_flags |= IFF_UP;
    return ioctl(socket, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
}

int op_move_network_device(struct run *run, const struct op_move_network_device *a)
{
    static struct addresses addresses;
    char device_buffer[IFNAMSIZ], name_buffer[IFNAMSIZ], passing[IFNAMSIZ];
    const char *device = text_string(run, &a->device, device_buffer, sizeof device_buffer);
    const char *name = text_string(run, &a->name, name_buffer, sizeof name_buffer);
    pid_t pid = (pid_t)run->slots[SLOT_PID];
    int there = slot_fd(run, SLOT_CONTAINER_NETWORK);
    if (device == NULL || name == NULL) return -errno;
    int here CLEANUP_FD = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (here < 0) return -errno;
    int index = find(here, device);
    if (index < 0) return index;
    if (find(there, name) >= 0) return explain(run, EEXIST, "the container has a network device %s", name);
    int result = read_addresses(here, index, &addresses);
    if (result < 0) return explain(run, -result, "read its addresses");
    snprintf(passing, sizeof passing, "tsoci%d", (int)pid);
    result = move(here, index, pid, passing);
    if (result < 0) return result;
    index = find(there, passing);
    if (index < 0) return index;
    result = rename_and_start(there, passing, name, index);
    if (result < 0) return explain(run, -result, "name it and set it up");
    result = add_addresses(there, index, &addresses, device);
    return result < 0 ? explain(run, -result, "give it its addresses again") : 0;
}
