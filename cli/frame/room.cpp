// SPDX-License-Identifier: Apache-2.0
#include "cli/frame/room.hpp"

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <system_error>

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/frame/streams.hpp"

namespace portolan::cli {

namespace {

// Addresses are taken, not memory: what is never used costs nothing.
constexpr std::size_t own_stack = std::size_t{32} << 20, usual_stack = std::size_t{8} << 20,
                      least_stack = std::size_t{1} << 20;

/// Of the thread that runs the program, for the handler.
struct Stack {
  std::uintptr_t low = 0;
  struct sigaction before {};
  bool memory_limited = false;
};
Stack stack;

void say(const char* text) {
  // A write that fails cannot be told to anybody.
  [[maybe_unused]] ssize_t written = ::write(STDERR_FILENO, text, std::strlen(text));
  written = ::write(STDERR_FILENO, "\n", 1);
}
[[noreturn]] void end_with(const char* text) {
  say(text);
  _exit(static_cast<int>(Exit::undetermined));
}

/// Below a stack lies a page that nobody may touch; what is touched there is one frame too many. Z3 does not
/// look at every allocation, so with little memory to have it is that.
extern "C" void out_of_room(int signal, siginfo_t* info, void*) {
  constexpr std::uintptr_t near = std::uintptr_t{1} << 16;
  const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
  if (at + near >= stack.low && at < stack.low + near)
    end_with("portolan: the stack is used up: nothing was decided; ask for less at a time");
  if (stack.memory_limited) end_with(memory_ran_out);
  ::sigaction(signal, &stack.before, nullptr);  // an error of ours: it faults again, and is seen
}

/// In a thread nobody catches what could not be had.
[[noreturn]] void ended() {
  try {
    if (const auto thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    end_with(memory_ran_out);
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::resource_unavailable_try_again) end_with(memory_ran_out);
    say(error.what());
  } catch (const std::exception& error) {
    say(error.what());
  } catch (...) {}
  std::abort();
}

struct Run {
  const std::function<int()>* program;
  int status = static_cast<int>(Exit::internal);
};

void* run_on_its_stack(void* argument) {
  static char alternate[std::size_t{64} << 10];  // a handler cannot run on a stack that is used up
  stack_t other{}, before{};
  other.ss_sp = alternate;
  other.ss_size = sizeof alternate;
  ::sigaltstack(&other, &before);
  pthread_attr_t attributes;
  if (::pthread_getattr_np(::pthread_self(), &attributes) == 0) {
    void* low = nullptr;
    std::size_t size = 0;
    ::pthread_attr_getstack(&attributes, &low, &size);
    stack.low = reinterpret_cast<std::uintptr_t>(low);
    ::pthread_attr_destroy(&attributes);
  }
  auto* run = static_cast<Run*>(argument);
  run->status = (*run->program)();
  ::sigaltstack(&before, nullptr);  // a sanitizer has one of its own, and takes it away where the thread ends
  return nullptr;
}

}  // namespace

int with_room(const std::function<int()>& program) {
  rlimit addresses{};
  stack.memory_limited = ::getrlimit(RLIMIT_AS, &addresses) == 0 && addresses.rlim_cur != RLIM_INFINITY;
  std::set_terminate(ended);
  struct sigaction action {};
  action.sa_sigaction = out_of_room;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  ::sigaction(SIGSEGV, &action, &stack.before);
  Run run{&program};
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  if (!stack.memory_limited && ::pthread_attr_setstacksize(&attributes, usual_stack) == 0)
    ::pthread_setattr_default_np(&attributes);
  for (std::size_t size = own_stack; size >= least_stack; size /= 2) {
    pthread_t thread{};
    ::pthread_attr_setstacksize(&attributes, size);
    if (::pthread_create(&thread, &attributes, run_on_its_stack, &run) != 0) continue;
    ::pthread_join(thread, nullptr);
    ::pthread_attr_destroy(&attributes);
    return run.status;
  }
  ::pthread_attr_destroy(&attributes);
  end_with(memory_ran_out);
}

}  // namespace portolan::cli
