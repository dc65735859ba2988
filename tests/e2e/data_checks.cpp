#include "data_checks.hpp"

#include <cinttypes>
#include <cstdio>

namespace firebrand::e2e {

namespace {

/// The word behind `label` and blanks.
std::string word_after(const std::string& text, std::string_view label) {
  const std::size_t at = text.find(label);
  if (at == std::string::npos) { return {}; }
  const std::size_t begin = text.find_first_not_of(' ', at + label.size());
  return text.substr(begin, text.find_first_of(" \n", begin) - begin);
}

std::string replay_digests(const std::string& data, bool from_start) {
  std::vector<std::string> arguments = {"replay", "--data", data, "--digest"};
  if (from_start) { arguments.emplace_back("--from-start"); }
  const Finished replay = run_program(arguments);
  EXPECT_EQ(replay.status, 0) << replay.output;
  const std::size_t at = replay.output.find("digest ");
  EXPECT_NE(at, std::string::npos) << replay.output;
  return at == std::string::npos ? std::string() : replay.output.substr(at);
}

}  // namespace

Audited check_directory(const std::string& data) {
  const Finished audit = run_program({"audit", "--data", data});
  EXPECT_EQ(audit.status, 0) << audit.output;
  Audited audited;
  std::int64_t ordered = 0;
  const std::size_t at = audit.output.find("ordered ");
  const int read = at == std::string::npos
                       ? 0
                       : std::sscanf(audit.output.c_str() + at,
                                     "ordered %" SCNd64 " = sold %" SCNd64 " + held %" SCNd64
                                     " + given back %" SCNd64,
                                     &ordered, &audited.sold, &audited.held, &audited.given_back);
  EXPECT_EQ(read, 4) << audit.output;
  audited.digest = word_after(audit.output, "digest ");
  const std::string replayed = replay_digests(data, false);
  EXPECT_EQ(replayed, replay_digests(data, false));
  EXPECT_EQ(replayed, replay_digests(data, true));
  EXPECT_EQ(word_after(replayed, "digest "), audited.digest);
  return audited;
}

}  // namespace firebrand::e2e
