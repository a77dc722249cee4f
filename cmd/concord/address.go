package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"

	"concord/federation"
)

// listen listens at the address of pages: "host:port", ":port" for every address
// of this machine. Port 0 takes a free one.
func listen(address string) (net.Listener, error) {
	if _, _, err := splitAddress(address); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, listenRefusal(err, address, "--http")
	}
	return listener, nil
}

// listenInRow listens at n ports, of which an address has the first; with port 0
// at any n.
func listenInRow(address string, n int) (listeners []net.Listener, err error) {
	host, first, err := splitAddress(address)
	if err != nil {
		return nil, err
	}
	if first+n-1 > 65535 {
		return nil, fmt.Errorf("%w: the %d ports from %d on are more than there are; the last is 65535", errUsage, n, first)
	}
	for port := first; len(listeners) < n; {
		listener, err := listen(net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			return nil, errors.Join(err, closeAll(listeners))
		}
		listeners = append(listeners, listener)
		if first > 0 {
			port++
		}
	}
	return listeners, nil
}

func closeAll(listeners []net.Listener) error {
	var errs []error
	for _, l := range listeners {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

func splitAddress(address string) (host string, port int, err error) {
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, fmt.Errorf("%w: %q is not an address like 127.0.0.1:8420", errUsage, address)
	}
	number, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return "", 0, fmt.Errorf("%w: %q is not a port", errUsage, service)
	}
	return host, int(number), nil
}

// listenRefusal says why a program cannot listen at an address that a flag gave.
func listenRefusal(err error, address, flag string) error {
	next := fmt.Sprintf("Choose another address with %s.", flag)
	switch unknown := (*net.DNSError)(nil); {
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, federation.ErrPortBusy):
		return refuse("Stop that program, or choose another address with "+flag+".", "port busy: another program listens at %s", address)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return refuse(next, "this machine does not have the address %s", address)
	case errors.Is(err, syscall.EACCES):
		return refuse(next, "the system does not let you listen at %s", address)
	case errors.As(err, &unknown):
		return refuse(next, "there is no host %s", unknown.Name)
	}
	return refuse(next, "listening at %s is not possible: %v", address, rootOf(err))
}

// reachable returns where a program on this machine reaches what listens at an
// address: "every address" is none that one can connect to.
func reachable(address string) string {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !at.Addr().IsUnspecified() {
		return address
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), at.Port()).String()
}
