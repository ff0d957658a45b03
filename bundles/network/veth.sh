# Sourced by the hooks of config.json: a pair of connected interfaces, one on the host and one in the container. Needs
# ip (iproute2) and nsenter (util-linux). $state is the container's state, as hooks get it (runtime.md, "State").
set -e

# A string or a number of the state.
member() {
  value=${state#*"\"$1\":"}
  value=${value#'"'}
  echo "${value%%[\",]*}"
}

# The name has at most 15 characters, and is the container's own: `down` must not take the interface of another one.
host=tsoci$(member id | cksum | cut -d' ' -f1)

up() {
  if ip address show to 10.77.0.1 | grep -q .; then
    echo "10.77.0.1 is taken: this example runs once at a time" >&2
    exit 1
  fi
  pid=$(member pid)
  ip link add "$host" type veth peer name eth0 netns "$pid"
  ip address add 10.77.0.1/30 dev "$host"
  ip link set "$host" up
  nsenter --net --target "$pid" ip address add 10.77.0.2/30 dev eth0
  nsenter --net --target "$pid" ip link set eth0 up
  nsenter --net --target "$pid" ip link set lo up
}

# One end takes the other with it; the kernel may have removed both already, with the container's network namespace.
down() {
  ip link delete "$host" 2>/dev/null || true
}
