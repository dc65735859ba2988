#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/assert.hpp"
#include "base/hex.hpp"
#include "base/proof_leaf.hpp"
#include "log/reader.hpp"
#include "runtime/replay.hpp"
#include "views/proof/head_record.hpp"
#include "views/proof/proof_files.hpp"
#include "views/proof/proof_log.hpp"

namespace firebrand {

namespace {

constexpr std::size_t kFactsPerStep = 4096;
constexpr std::size_t kTextPerStep = 1U << 20;
constexpr std::string_view kFormat = "firebrand-proof-log/1";
constexpr std::string_view kNameFile = "log";
constexpr std::size_t kNameBytesMax = 16'384;

using Done = Expected<void, ProofError>;

Done done_or(const Expected<void, log::FileError>& done) {
  if (done) { return {}; }
  return Unexpected(ProofError{"proof: " + done.error().message});
}

Unexpected<ProofError> damaged(const std::string& what) {
  return Unexpected(ProofError{"proof: " + what +
                               "; put proof/ back from a backup, or move it out of the data "
                               "directory: then a new log begins, "
                               "and whoever knows the old one sees that it was given up"});
}

/// Appends to a file of 8 bytes an order, with one write for orders that follow each other.
class OrderIndex {
 public:
  void set(OrderId id, std::uint64_t leaf) { entries_.emplace_back(id.value - 1, leaf + 1); }

  [[nodiscard]] Expected<void, log::FileError> write(log::File& file) {
    std::ranges::sort(entries_);
    std::vector<std::uint64_t> run;
    for (std::size_t i = 0; i < entries_.size(); i += run.size()) {
      run.clear();
      for (std::size_t j = i; j < entries_.size(); ++j) {
        if (entries_[j].first != entries_[i].first + run.size()) { break; }
        run.push_back(entries_[j].second);
      }
      auto done = log::write_fully(file, std::as_bytes(std::span(run)),
                                   entries_[i].first * sizeof(std::uint64_t));
      if (!done) { return done; }
    }
    entries_.clear();
    return {};
  }

 private:
  std::vector<std::pair<std::uint64_t, std::uint64_t>> entries_;  // Place and value.
};

}  // namespace

struct ProofProjector::State {
  log::FileSystem& files;
  std::string data;
  std::string directory;
  ProofOptions options;
  ProofReader& reader;

  // Which log it is.
  std::uint64_t number = 0;
  std::string origin{};
  std::string restart{};
  std::vector<NoteSigner> signers{};
  ProofFiles out{};
  std::unique_ptr<log::File> heads{};

  // How far it is: what is written, and what a head stands over.
  MerkleRoot tree{};
  std::uint64_t leaf_bytes = 0;
  log::Position cursor{};
  Timestamp newest{};
  HeadRecord head{};
  std::uint64_t heads_kept = 0;
  bool is_checked = false;  ///< The newest leaf is what facts/ says.
  std::optional<log::Reader> facts{};
  std::atomic<std::uint64_t> published{0};
  std::optional<ProofError> failed{};

  // Leaves of the step that is not written yet.
  std::string text{};
  std::vector<std::uint64_t> ends{};
  std::vector<Hash256> nodes{};
  OrderIndex placed{};
  OrderIndex ended{};
  std::vector<std::pair<OrderId, std::uint64_t>> returned{};  ///< And their leaves.

  [[nodiscard]] std::string prefix() const { return proof_prefix(directory, number); }

  // ---- Which log ----

  Done open() {
    if (auto done = done_or(files.create_directory(directory)); !done) { return done; }
    const auto name = log::read_file(files, log::join_path(directory, kNameFile), kNameBytesMax);
    if (!name && name.error().code == log::FileErrorCode::not_found) { return begin({}); }
    if (!name) { return Unexpected(ProofError{"proof: " + name.error().message}); }
    if (!read_name(*name)) { return damaged("proof/log does not say which log it is"); }
    return load();
  }

  /// Three lines and a statement, if the log has one.
  bool read_name(std::string_view name) {
    const auto line = [&] {
      const std::string_view found = name.substr(0, name.find('\n'));
      name.remove_prefix(std::min(found.size() + 1, name.size()));
      return found;
    };
    if (line() != kFormat) { return false; }
    const std::string_view digits = line();
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    origin = line();
    restart = name;
    return read.ec == std::errc{} && number > 0 && !origin.empty();
  }

  /// A new log, and the name file last: before it the old one still counts.
  Done begin(std::string statement) {
    ++number;
    // What began before has no head yet; with one it is a log that somebody may know.
    if (const auto kept = files.open(prefix() + "heads", log::OpenMode::read)) {
      const auto bytes = (*kept)->size();
      if (!bytes || *bytes > 0) { return damaged("the name of its log is lost"); }
    }
    origin = options.make_origin();
    if (!statement.empty()) { restart = sign_restart(std::move(statement)); }
    for (const char* name : {"leaves", "places", "nodes", "placed", "ended", "next", "heads"}) {
      const std::string path = prefix() + name;
      (void)files.remove(path);  // Of an interrupted begin.
      const auto made = files.open(path, log::OpenMode::create_new);
      if (!made) { return Unexpected(ProofError{"proof: " + made.error().message}); }
    }
    if (auto done = done_or(files.sync_directory(directory)); !done) { return done; }
    const std::string name =
        std::string(kFormat) + "\n" + std::to_string(number) + "\n" + origin + "\n" + restart;
    const auto bytes = std::as_bytes(std::span(name));
    if (auto done = done_or(log::replace_file(files, directory, kNameFile, bytes)); !done) {
      return done;
    }
    return load();
  }

  /// By the key of the old log: whoever knows that one can check it. @param old  Its lines.
  [[nodiscard]] std::string sign_restart(std::string old) const {
    return signers.front().sign("firebrand-proof-restart/1\n" + old + "new " + origin + "\n");
  }

  /// facts/ is of an older backup: the old log tells what has not happened any more.
  Done begin_anew() {
    const std::string old = "old " + origin + "\nold_size " + std::to_string(head.size) +
                            "\nold_root " + to_hex(head.root.data) + "\n";
    return begin(old);
  }

  // ---- Where it stands ----

  Done load() {
    signers = options.signers(origin);
    FB_ASSERT(!signers.empty());
    // A log in which no units have come back may be without it.
    if (files.open(prefix() + "next", log::OpenMode::create_new)) {
      if (auto done = done_or(files.sync_directory(directory)); !done) { return done; }
    }
    if (auto done = done_or(out.open(files, prefix(), log::OpenMode::read_write)); !done) {
      return done;
    }
    auto opened = files.open(prefix() + "heads", log::OpenMode::read_write);
    if (!opened) { return Unexpected(ProofError{"proof: " + opened.error().message}); }
    heads = std::move(*opened);
    if (auto done = read_newest_head(); !done) { return done; }
    const MerkleNodeReader read = [this](std::uint64_t place, Hash256& node) {
      return read_node(*out.nodes, place, node);
    };
    const auto stands = load_merkle_root(read, head.size);
    const auto bytes = out.leaves->size();
    if (!stands || stands->root() != head.root || !bytes || *bytes < head.leaf_bytes) {
      return damaged("its files do not fit its newest head");
    }
    tree = *stands;
    leaf_bytes = head.leaf_bytes;
    cursor = head.cursor;
    newest = from_unix_ms(head.published_ms);
    facts.reset();
    is_checked = false;
    show();
    return {};
  }

  Done read_newest_head() {
    head = {.root = MerkleRoot().root()};
    heads_kept = 0;
    const auto bytes = heads->size();
    if (!bytes) { return Unexpected(ProofError{"proof: " + bytes.error().message}); }
    const std::uint64_t count = *bytes / HeadRecord::kBytes;
    if (count == 0) { return {}; }
    // Each is synced before the next one is written: only the last may be torn.
    for (std::uint64_t i = count; i > 0 && i + 2 > count; --i) {
      HeadRecord::Stored stored{};
      if (!read_exactly(*heads, stored, (i - 1) * HeadRecord::kBytes)) {
        return Unexpected(ProofError{"proof: its heads cannot be read"});
      }
      const auto decoded = HeadRecord::decode(stored);
      if (!decoded) { continue; }
      head = *decoded;
      heads_kept = i;
      // After a sync that failed it may be in memory alone.
      return keep_head(i - 1);
    }
    return count == 1 ? Done{} : damaged("its newest heads are damaged");
  }

  Done keep_head(std::uint64_t place) {
    const auto stored = head.encode();
    if (auto done = done_or(log::write_fully(*heads, stored, place * HeadRecord::kBytes)); !done) {
      return done;
    }
    return done_or(heads->sync());
  }

  /// Publishes `head`, which is durable.
  void show() {
    auto shown = std::make_shared<PublishedHead>();
    shown->head = {origin, {head.size, head.root}};
    const std::string head_text = shown->head.text();
    for (const NoteSigner& signer : signers) {
      const std::string note = signer.sign(head_text);
      shown->note += shown->note.empty() ? note : note.substr(head_text.size() + 1);
      shown->keys.push_back(signer.key());
    }
    shown->leaf_bytes = head.leaf_bytes;
    shown->restart = restart;
    shown->files = prefix();
    reader.publish(std::move(shown));
    published.store(log::pack(head.cursor), std::memory_order_release);
  }

  // ---- Facts in ----

  /// Where the next fact is read; nothing if they are not kept any more.
  Done seek(log::Position after) {
    const log::Position from =
        after == log::Position{}
            ? log::Position{}
            : log::Position{after.offset, static_cast<std::uint16_t>(after.index + 1)};
    auto opened = log::Reader::open(files, facts_directory(data), from);
    if (!opened) { return Unexpected(ProofError{"proof: " + opened.error().message}); }
    facts.emplace(std::move(*opened));
    return {};
  }

  /// Whether facts/ still holds what the newest leaf tells. If the fact is not kept any more, the
  /// leaf counts: it is durable.
  Expected<bool, ProofError> still_holds(log::Position stored) {
    if (stored < cursor) { return false; }
    if (tree.size() == 0) { return true; }
    std::array<std::byte, 16> places{};
    const std::uint64_t last = tree.size() - 1;
    const std::size_t skipped = last == 0 ? 8 : 0;
    std::string line;
    if (read_exactly(*out.places, std::span(places).subspan(skipped), last * 8 - (8 - skipped))) {
      const auto begin = load_le<std::uint64_t>(places.data());
      const auto end = load_le<std::uint64_t>(places.data() + 8);
      if (begin < end && end == leaf_bytes) { line.resize(end - begin); }
      if (!read_exactly(*out.leaves, std::as_writable_bytes(std::span(line)), begin)) {
        line.clear();
      }
    }
    ProofLeaf leaf;
    if (line.empty() || line.back() != '\n' ||
        !leaf.read(std::string_view(line).substr(0, line.size() - 1))) {
      return damaged("its newest leaf cannot be read");
    }
    const log::Position at{{leaf.offset}, static_cast<std::uint16_t>(leaf.index)};
    auto opened = log::Reader::open(files, facts_directory(data), at);
    if (!opened && opened.error().code == log::OpenErrorCode::trimmed) { return true; }
    if (!opened) { return Unexpected(ProofError{"proof: " + opened.error().message}); }
    opened->set_limit(stored);
    const auto record = opened->next();
    if (!record || record->header.position() != at) { return false; }
    std::string again;
    const auto written = write_leaf(*record, options.names, again);
    return written.has_value() && again + "\n" == line;
  }

  Expected<bool, ProofError> step(log::Position stored) {
    if (!is_checked || stored < cursor) {
      const auto holds = still_holds(stored);
      if (!holds) { return Unexpected(holds.error()); }
      if (!*holds) {
        if (auto done = begin_anew(); !done) { return Unexpected(done.error()); }
      }
      is_checked = true;
    }
    if (stored == cursor) { return false; }
    if (!facts) {
      if (auto done = seek(cursor); !done) { return Unexpected(done.error()); }
    }
    facts->set_limit(stored);
    bool any = false;
    for (std::size_t count = 0; count < kFactsPerStep && text.size() < kTextPerStep; ++count) {
      const auto record = facts->next();
      if (!record && record.error() == log::ReadError::end_of_log) { break; }
      if (!record) { return Unexpected(ProofError{"proof: " + std::string(facts->message())}); }
      if (auto done = take(*record); !done) { return Unexpected(done.error()); }
      any = true;
    }
    if (auto done = write(); !done) { return Unexpected(done.error()); }
    return any;
  }

  Done take(const log::RecordView& record) {
    const std::size_t begin = text.size();
    const auto written = write_leaf(record, options.names, text);
    if (!written) { return Unexpected(written.error()); }
    cursor = record.header.position();
    newest = record.header.timestamp;
    if (text.size() == begin) { return {}; }
    if (written->order_id.value != 0) {
      switch (written->step) {
        case ProofLeafOrder::Step::placed:
          placed.set(written->order_id, tree.size());
          break;
        case ProofLeafOrder::Step::ended:
          ended.set(written->order_id, tree.size());
          break;
        case ProofLeafOrder::Step::returned:
          returned.emplace_back(written->order_id, tree.size());
          break;
      }
    }
    const std::string_view line = std::string_view(text).substr(begin);
    tree.append(merkle_leaf(bytes_of(line)),
                [this](const Hash256& node) { nodes.push_back(node); });
    text.push_back('\n');
    ends.push_back(leaf_bytes + text.size());
    return {};
  }

  /// Behind the newest head nothing is published: what a crash leaves there is written over.
  Done write() {
    if (ends.empty()) { return {}; }
    const std::uint64_t before = tree.size() - ends.size();
    const auto write_at = [](log::File& file, std::span<const std::byte> bytes,
                             std::uint64_t position) {
      return done_or(log::write_fully(file, bytes, position));
    };
    auto done = write_at(*out.leaves, std::as_bytes(std::span(text)), leaf_bytes);
    if (done) {
      done = write_at(*out.places, std::as_bytes(std::span(ends)), before * sizeof(ends.front()));
    }
    if (done) {
      done = write_at(*out.nodes, std::as_bytes(std::span(nodes)),
                      merkle_node_count(before) * sizeof(Hash256));
    }
    if (done) { done = done_or(placed.write(*out.placed)); }
    if (done) { done = done_or(ended.write(*out.ended)); }
    if (done) { done = link_returned(); }
    leaf_bytes += text.size();
    text.clear();
    ends.clear();
    nodes.clear();
    return done;
  }

  /// Puts each behind the order's newest leaf before it. An entry only ever gets one value: after a
  /// crash it is not there, or is what is written again.
  Done link_returned() {
    for (const auto& [id, leaf] : returned) {
      const std::uint64_t ended_at = read_entry(*out.ended, id.value - 1);
      if (ended_at == 0 || ended_at > leaf) { continue; }  // The log began behind its payment.
      std::uint64_t at = ended_at - 1;
      for (std::uint64_t next = read_entry(*out.next, at); next != 0 && next <= leaf;
           next = read_entry(*out.next, at)) {
        if (next - 1 <= at) { return damaged("its order of returns is damaged"); }
        at = next - 1;
      }
      const std::uint64_t entry = leaf + 1;
      auto done = done_or(
          log::write_fully(*out.next, std::as_bytes(std::span(&entry, 1)), at * sizeof(entry)));
      if (!done) { return done; }
    }
    returned.clear();
    return {};
  }

  Done publish() {
    if (tree.size() == head.size) {
      // Facts that are no step: there is nothing new to sign.
      published.store(log::pack(cursor), std::memory_order_release);
      return {};
    }
    for (log::File* file : {out.leaves.get(), out.places.get(), out.nodes.get(), out.placed.get(),
                            out.ended.get(), out.next.get()}) {
      if (auto done = done_or(file->sync_data()); !done) { return done; }
    }
    head = {.size = tree.size(),
            .leaf_bytes = leaf_bytes,
            .cursor = cursor,
            .published_ms = to_unix_ms(newest),
            .root = tree.root()};
    if (auto done = keep_head(heads_kept); !done) { return done; }
    ++heads_kept;
    show();
    return {};
  }
};

static_assert(sizeof(Hash256) == 32);

ProofProjector::ProofProjector(std::unique_ptr<State> state) : state_(std::move(state)) {}
ProofProjector::~ProofProjector() = default;

Expected<std::unique_ptr<ProofProjector>, ProofError> ProofProjector::open(log::FileSystem& files,
                                                                           const std::string& data,
                                                                           ProofOptions options,
                                                                           ProofReader& reader) {
  std::unique_ptr<State> state(new State{.files = files,
                                         .data = data,
                                         .directory = log::join_path(data, "proof"),
                                         .options = std::move(options),
                                         .reader = reader});
  if (auto done = state->open(); !done) { return Unexpected(done.error()); }
  return std::unique_ptr<ProofProjector>(new ProofProjector(std::move(state)));
}

Expected<bool, ProofError> ProofProjector::step(log::Position stored) {
  if (state_->failed) { return Unexpected(*state_->failed); }
  auto stepped = state_->step(stored);
  if (!stepped) { state_->failed = stepped.error(); }
  return stepped;
}

Expected<void, ProofError> ProofProjector::publish() {
  if (state_->failed) { return Unexpected(*state_->failed); }
  auto done = state_->publish();
  if (!done) { state_->failed = done.error(); }
  return done;
}

log::Position ProofProjector::published() const noexcept {
  return log::unpack(state_->published.load(std::memory_order_acquire));
}

}  // namespace firebrand
