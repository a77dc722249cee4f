package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"

	"github.com/nats-io/nats-server/v2/server"
)

// A process is a program that is started again after it was killed. One at a time uses it.
type process struct {
	command []string
	dir     string // in which it runs
	log     string // file to which it writes what goes wrong
	running *exec.Cmd
}

func (p *process) start() error {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	p.running = exec.Command(p.command[0], p.command[1:]...)
	p.running.Dir, p.running.Stderr = p.dir, log
	return p.running.Start()
}

// kill kills the process with SIGKILL. One that has ended before that is an error.
func (p *process) kill() error {
	if err := p.running.Process.Kill(); err != nil {
		return err
	}
	err := p.running.Wait()
	if state := p.running.ProcessState; state.Exited() {
		return fmt.Errorf("%v ended by itself: %w\n%s", p.command, errors.Join(err, errors.New(state.String())), p.said())
	}
	return nil
}

// end ends the process as a person does, and demands that it ends well.
func (p *process) end() error {
	if err := p.running.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	if err := p.running.Wait(); err != nil {
		return fmt.Errorf("%v: %w\n%s", p.command, err, p.said())
	}
	return nil
}

// abandon kills the process if it runs, when a test has failed.
func (p *process) abandon() {
	if p.running != nil && p.running.ProcessState == nil {
		p.running.Process.Kill()
		p.running.Wait()
	}
}

// said returns the end of what the process has written.
func (p *process) said() string {
	const last = 4 << 10
	raw, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(raw[max(0, len(raw)-last):])
}

// natsServer is nats-server on a configuration file.
func natsServer() {
	options, err := server.ConfigureOptions(flag.NewFlagSet("nats-server", flag.ExitOnError), os.Args[1:], nil, nil, nil)
	if err == nil {
		var s *server.Server
		if s, err = server.NewServer(options); err == nil {
			s.ConfigureLogger()
			err = server.Run(s)
			s.WaitForShutdown()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
