#include "verify/public_log.hpp"

#include <tuple>

namespace firebrand {

Words words_of(NoteFault fault) {
  switch (fault) {
    case NoteFault::malformed:
      return {"the tree head is malformed", "树头格式不正确"};
    case NoteFault::no_known_key:
      return {"the tree head is not signed by a key that you trust", "树头没有您信任的密钥的签名"};
    case NoteFault::signature_wrong:
      return {"the signature does not fit the tree head: one of the two was changed",
              "签名与树头不符：其中之一被改动过"};
  }
  return {};
}

Expected<std::vector<NoteKey>, Words> read_keys(std::string_view text) {
  std::vector<NoteKey> keys;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) { continue; }
    auto key = NoteKey::parse(line);
    if (!key) { return Unexpected(Words{"this is no key of a log", "这不是日志的密钥"}); }
    keys.push_back(std::move(*key));
  }
  return keys;
}

Expected<PublicLog, Words> open_log(std::string_view leaves, std::string_view head,
                                    std::span<const NoteKey> keys) {
  auto read = read_tree_head(head, keys);
  if (!read) { return Unexpected(words_of(read.error())); }
  PublicLog log{.head = std::move(*read), .leaves = {}};
  MerkleRoot tree;
  while (tree.size() < log.head.head.size) {
    const std::size_t end = leaves.find('\n');
    if (end == std::string_view::npos) {
      const std::string has = std::to_string(tree.size());
      const std::string wants = std::to_string(log.head.head.size);
      return Unexpected(Words{"the tree head stands over " + wants + " leaves, the file has " + has,
                              "树头包含 " + wants + " 条记录，文件中只有 " + has + " 条"});
    }
    log.leaves.push_back(leaves.substr(0, end));
    tree.append(merkle_leaf(bytes_of(log.leaves.back())));
    leaves.remove_prefix(end + 1);
  }
  if (tree.root() != log.head.head.root) {
    return Unexpected(
        Words{"the leaves are not those of the tree head: one was changed, left out or put in",
              "记录与树头不符：有记录被改动、删除或插入"});
  }
  return log;
}

Expected<Report, Words> check_older_head(const PublicLog& log, std::string_view head,
                                         std::span<const NoteKey> keys) {
  const auto older = read_tree_head(head, keys);
  if (!older) { return Unexpected(words_of(older.error())); }
  if (older->origin != log.head.origin) {
    return Unexpected(Words{"the older tree head is of another log", "旧树头属于另一个日志"});
  }
  if (older->head.size > log.leaves.size()) {
    return Unexpected(Words{"the older tree head stands over more leaves than the newer one",
                            "旧树头包含的记录比新树头还多"});
  }
  MerkleRoot tree;
  for (std::size_t i = 0; i < older->head.size; ++i) {
    tree.append(merkle_leaf(bytes_of(log.leaves[i])));
  }
  const std::string size = std::to_string(older->head.size);
  if (tree.root() != older->head.root) {
    return Unexpected(Words{"the log was rewritten: its first " + size +
                                " leaves are not those that the older tree head stood over",
                            "日志被改写：前 " + size + " 条记录与旧树头不符"});
  }
  return Report{{"The older tree head stands over the first " + size + " of these leaves.",
                 "旧树头与前 " + size + " 条记录一致。"}};
}

Expected<void, Words> for_each_leaf(
    const PublicLog& log, const std::function<Expected<void, Words>(const ProofLeaf&)>& take) {
  ProofLeaf leaf;
  auto before = std::tuple<std::uint64_t, std::uint64_t>{};
  std::string_view time;
  for (std::size_t i = 0; i < log.leaves.size(); ++i) {
    if (!leaf.read(log.leaves[i])) {
      return Unexpected(at_leaf(i, {"it is no leaf that this program knows", "本程序无法识别"}));
    }
    const auto place = std::tuple(leaf.offset, leaf.index);
    // All times have one form, whose order is that of its text.
    if (place <= before || leaf.time < time) {
      return Unexpected(at_leaf(i, {"it is older than the one before it", "早于前一条记录"}));
    }
    before = place;
    time = leaf.time;
    if (auto done = take(leaf); !done) { return Unexpected(at_leaf(i, done.error())); }
  }
  return {};
}

}  // namespace firebrand
