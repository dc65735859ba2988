#include <gtest/gtest.h>
#include <sodium.h>

#include <csignal>

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (sodium_init() < 0) { return 1; }
  std::signal(SIGPIPE, SIG_IGN);
  return RUN_ALL_TESTS();
}
