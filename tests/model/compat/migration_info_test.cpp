// SPDX-License-Identifier: Apache-2.0

#include "model/compat/migration_info.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "model/files/document.hpp"
#include "tests/support/temporary.hpp"

namespace portolan::compat {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<MigrationInfo> read(const std::string& text) {
  const auto document = files::parse_document(text, "x.json", files::Syntax::json);
  if (!document) return fail(document.error());
  return migration_info_from(document->root, document->file, {});
}

const char* const nic = R"({
  "models": {
    "vendor-a.com/my-nic": {
      "params": {
        "num-queues": { "type": "int", "init_value": 4, "off_value": 0, "allowed_values": [ 1, "2-8", )"
                        R"(18446744073709551615 ],
                        "description": "Queue pairs" },
        "new-feature": { "type": "bool", "init_value": true, "off_value": false },
        "mode": { "type": "str", "init_value": "0-255", "allowed_values": [ "0-255", "gold" ] }
      }
    },
    "vendor-a.com/plain": { "params": {} }
  }
})";

TEST(MigrationInformation, IsReadWithTypesValuesAndPlaces) {
  const auto info = read(nic);
  ASSERT_TRUE(info.has_value()) << to_string(info.error());
  EXPECT_TRUE(info->lints.empty());
  ASSERT_EQ(info->models.size(), 2u);
  EXPECT_TRUE(info->models.at("vendor-a.com/plain").parameters.empty());
  const DeviceModel& model = info->models.at("vendor-a.com/my-nic");
  EXPECT_EQ(to_string(model.place), "x.json:3:5: models.vendor-a.com/my-nic");
  const Parameter& queues = model.parameters.at("num-queues");
  EXPECT_EQ(queues.type, ValueType::integer);
  EXPECT_EQ(queues.init, Value(std::uint64_t{4}));
  EXPECT_EQ(queues.off, Value(std::uint64_t{0}));
  EXPECT_EQ(queues.description, "Queue pairs");
  EXPECT_THAT(queues.allowed->ranges(), ElementsAre(Range{1, 8}, Range{UINT64_MAX, UINT64_MAX}));
  EXPECT_EQ(to_string(queues.place), "x.json:5:9: models.vendor-a.com/my-nic.params.num-queues");
  const Parameter& feature = model.parameters.at("new-feature");
  EXPECT_EQ(feature.init, Value(true));
  EXPECT_EQ(feature.off, Value(false));
  EXPECT_FALSE(feature.allowed.has_value());
  EXPECT_THAT(model.parameters.at("mode").allowed->strings(), ElementsAre("0-255", "gold"));
}

TEST(MigrationInformation, LeavesFindingsAboutValuesToTheProperties) {
  const auto info = read(R"({"models": {"a.b/c": {"params": {
    "outside": {"type": "int", "init_value": 4, "off_value": 9, "allowed_values": [1]},
    "nothing": {"type": "bool", "init_value": true, "allowed_values": []}}}}})");
  ASSERT_TRUE(info.has_value());
  EXPECT_TRUE(info->lints.empty());
  const auto& parameters = info->models.at("a.b/c").parameters;
  EXPECT_EQ(parameters.at("outside").accepts(parameters.at("outside").init), Acceptance::refused);
  EXPECT_TRUE(parameters.at("nothing").allowed->empty());
  EXPECT_EQ(parameters.at("nothing").accepts(Value(true)), Acceptance::refused);
}

Parameter with_values(const Value& init, const Value& off) {
  Parameter parameter;
  parameter.name = "p";
  parameter.type = type_of(init);
  parameter.init = init;
  parameter.off = off;
  return parameter;
}

// R2
TEST(Acceptance, IsDecidedByTheListWhereThereIsOne) {
  Parameter parameter = with_values(std::uint64_t{4}, std::uint64_t{0});
  parameter.allowed.emplace(ValueType::integer);
  parameter.allowed->add(Range{1, 3});
  EXPECT_EQ(parameter.accepts(Value(std::uint64_t{3})), Acceptance::accepted);
  EXPECT_EQ(parameter.accepts(Value(std::uint64_t{4})), Acceptance::refused) << "even the init value";
  EXPECT_EQ(parameter.accepts(Value(true)), Acceptance::refused) << "another type";
  EXPECT_EQ(parameter.accepted_values(), *parameter.allowed);
}

TEST(Acceptance, IsUndeterminedBeyondInitAndOffWithoutAList) {
  Parameter parameter = with_values(std::uint64_t{4}, std::uint64_t{0});
  EXPECT_EQ(parameter.accepts(Value(std::uint64_t{4})), Acceptance::accepted);
  EXPECT_EQ(parameter.accepts(Value(std::uint64_t{0})), Acceptance::accepted);
  EXPECT_EQ(parameter.accepts(Value(std::uint64_t{1})), Acceptance::undetermined);
  EXPECT_EQ(parameter.accepts(Value(std::string("4"))), Acceptance::refused);
  EXPECT_EQ(to_string(parameter.accepted_values()), "{0, 4}");
  parameter.off.reset();
  EXPECT_EQ(parameter.accepts(Value(std::uint64_t{0})), Acceptance::undetermined);
}

TEST(Acceptance, OfABoolWhoseInitAndOffDifferIsAlwaysDetermined) {
  const Parameter parameter = with_values(true, false);
  EXPECT_EQ(parameter.accepts(Value(true)), Acceptance::accepted);
  EXPECT_EQ(parameter.accepts(Value(false)), Acceptance::accepted);
}

TEST(ParameterName, HasNoEqualsSlashOrWhiteSpace) {
  for (const char* good : {"a", "num-queues", "x.y", "...", "a:b", "a\\b", "é", "-"})
    EXPECT_TRUE(valid_parameter_name(good)) << good;
  for (const char* bad : {"", ".", "..", "a=b", "=", "a/b", "a b", " ", "a\t", "a\n", "\ra", "a\u00a0b",
                          "a\u2003b", "a\u3000", "a\u2028"})
    EXPECT_FALSE(valid_parameter_name(bad)) << bad;
  EXPECT_FALSE(valid_parameter_name(std::string_view("a\0b", 3)));
}

TEST(ModelName, IsADomainNameAndAPath) {
  for (const char* good : {"vendor-a.com/my-nic", "qemu.org/pci/10ec/8139", "com.gfx/GPU",
                           "qemu.org/SUNW,fdtwo", "bücher.example/x"})
    EXPECT_TRUE(valid_model_name(good)) << good;
  for (const char* bad :
       {"", "nic", "a.com", "a.com/", "/nic", "a..com/x", ".a/x", "a./x", "a.com//x", "a.com/x/", "a.com/./x",
        "a.com/../x", "a com/x", "a.com/x y", "a!b/x", "a.com/x\x01"})
    EXPECT_FALSE(valid_model_name(bad)) << bad;
}

TEST(MigrationInformation, IsStrictJsonWhateverTheFileIsCalled) {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "x.yaml") << "models: {}\n";
  EXPECT_FALSE(read_migration_info(folder / "x.yaml").has_value());
  std::ofstream(folder / "y.yaml") << "{\"models\": {}}\n";
  EXPECT_TRUE(read_migration_info(folder / "y.yaml").has_value());
}

TEST(MigrationInformation, ReportsAllOfAThousandFaults) {
  std::string text = "{\"models\": {\"a.b/c\": {\"params\": {\n";
  for (int k = 0; k < 1000; ++k)
    text += (k ? ",\n" : "") + ("\"p" + std::to_string(k)) + "\": {\"type\": \"int\", \"init_value\": -1}";
  const auto info = read(text + "}}}}");
  ASSERT_FALSE(info.has_value());
  ASSERT_EQ(info.error().size(), 1000u);
  for (std::size_t k = 0; k < 1000; ++k)
    EXPECT_EQ(info.error()[k].place.mark.line, k + 2) << "in the order of the file";
}

TEST(MigrationInformationSlow, ReadsManyRandomRangesInReasonableTime) {
  std::string text =
      R"({"models": {"a.b/c": {"params": {"p": {"type": "int", "init_value": 1, "allowed_values": [)";
  std::uint64_t value = 1;
  for (int k = 0; k < 300'000; ++k) {
    value = value * 6364136223846793005u + 1442695040888963407u;
    text += (k ? "," : "") + std::to_string(value);
  }
  const auto info = read(text + "]}}}}}");
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->models.at("a.b/c").parameters.at("p").allowed->size(), 300'000u);
}

TEST(WrittenMigrationInformation, IsCanonical) {
  const auto info = read(R"({"models": {"b.c/d": {"params": {}}, "a.b/c": {"params": {
    "z": {"description": "x", "off_value": "a\"\u0001", "init_value": "é", "type": "str"},
    "a": {"allowed_values": [9, 3, "4-8", 18446744073709551615], "type": "int", )"
                         R"("init_value": 18446744073709551615}}}}})");
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(write_migration_info(*info), R"({
  "models": {
    "a.b/c": {
      "params": {
        "a": {
          "type": "int",
          "init_value": 18446744073709551615,
          "allowed_values": [
            "3-9",
            18446744073709551615
          ]
        },
        "z": {
          "type": "str",
          "init_value": "é",
          "off_value": "a\"\u0001",
          "description": "x"
        }
      }
    },
    "b.c/d": {
      "params": {}
    }
  }
}
)");
}

// ---- random migration information

rc::Gen<std::string> text_without_newline() {
  return rc::gen::container<std::string>(rc::gen::elementOf(std::string("abc0-9 \"\\/\t\x01{}[]:,'=.")));
}

rc::Gen<std::uint64_t> number() {
  return rc::gen::oneOf(
      rc::gen::inRange<std::uint64_t>(0, 20),
      rc::gen::map(rc::gen::inRange<std::uint64_t>(0, 20), [](std::uint64_t k) { return UINT64_MAX - k; }),
      rc::gen::arbitrary<std::uint64_t>());
}

rc::Gen<Value> value(ValueType type) {
  switch (type) {
    case ValueType::boolean:
      return rc::gen::map(rc::gen::arbitrary<bool>(), [](bool one) { return Value(one); });
    case ValueType::integer: return rc::gen::map(number(), [](std::uint64_t one) { return Value(one); });
    case ValueType::string: break;
  }
  return rc::gen::map(text_without_newline(), [](std::string one) { return Value(std::move(one)); });
}

std::string name_from(const std::string& alphabet) {
  return *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(alphabet)));
}

MigrationInfo any_info() {
  MigrationInfo info;
  for (int models = *rc::gen::inRange(0, 3); models > 0; --models) {
    DeviceModel model;
    model.name = name_from("abc") + "." + name_from("xyz") + '/' + name_from("AB,-\"\\{") +
                 (*rc::gen::arbitrary<bool>() ? "é" : "");
    for (int parameters = *rc::gen::inRange(0, 5); parameters > 0; --parameters) {
      Parameter parameter;
      parameter.name = name_from("abc-\\\"'[{`") + "x";
      parameter.type = *rc::gen::element(ValueType::boolean, ValueType::integer, ValueType::string);
      parameter.init = *value(parameter.type);
      if (*rc::gen::arbitrary<bool>()) parameter.off = *value(parameter.type);
      if (*rc::gen::arbitrary<bool>()) {
        parameter.allowed.emplace(parameter.type);
        for (const Value& one : *rc::gen::container<std::vector<Value>>(value(parameter.type)))
          parameter.allowed->add(one);
        if (parameter.type == ValueType::integer) {
          std::uint64_t a = *number(), b = *number();
          if (a > b) std::swap(a, b);
          parameter.allowed->add(Range{a, b});
        }
      }
      if (*rc::gen::arbitrary<bool>()) parameter.description = *text_without_newline();
      model.parameters.emplace(parameter.name, parameter);
    }
    info.models.emplace(model.name, model);
  }
  return info;
}

bool same(const MigrationInfo& a, const MigrationInfo& b) {
  const auto same_parameter = [](const auto& one, const auto& other) {
    const Parameter &p = one.second, &q = other.second;
    return one.first == other.first && p.name == q.name && p.type == q.type && p.init == q.init &&
           p.off == q.off && p.allowed == q.allowed && p.description == q.description;
  };
  const auto same_model = [&](const auto& one, const auto& other) {
    const Parameters &p = one.second.parameters, &q = other.second.parameters;
    return one.first == other.first && one.second.name == other.second.name &&
           std::equal(p.begin(), p.end(), q.begin(), q.end(), same_parameter);
  };
  return std::equal(a.models.begin(), a.models.end(), b.models.begin(), b.models.end(), same_model);
}

RC_GTEST_PROP(WrittenMigrationInformation, ReadsBackAsItWasAndWritesTheSameBytes, ()) {
  const MigrationInfo info = any_info();
  const std::string text = write_migration_info(info);
  const auto again = read(text);
  RC_ASSERT(again.has_value());
  RC_ASSERT(same(*again, info));
  RC_ASSERT(write_migration_info(*again) == text);
}

// Mutates good text by one character at a time: never a crash, and a refusal always says where.
RC_GTEST_PROP(MigrationInformationProperty, SaysWhereWhateverOneCharacterIsChangedTo, ()) {
  std::string text = nic;
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  const char c = *rc::gen::elementOf(std::string("\"{}[]:,-.0eE'\\ \n\x01\xff/=ax"));
  if (*rc::gen::arbitrary<bool>())
    text[at] = c;
  else if (*rc::gen::arbitrary<bool>())
    text.erase(at, 1);
  else
    text.insert(at, 1, c);
  const auto info = read(text);
  if (info) return;
  RC_ASSERT(!info.error().empty());
  for (const Fault& fault : info.error()) {
    RC_ASSERT(fault.place.mark.line > 0u);
    RC_ASSERT(fault.place.mark.column > 0u);
    RC_ASSERT(!fault.finding.empty());
  }
}

}  // namespace
}  // namespace portolan::compat
