#!/bin/sh
# Builds all targets, and runs those named, with the Bazel that Debian packages
# (apt-get install bazel-bootstrap, 4.2) and with no network:
#
#     PATH="$PWD/.venv/bin:$PATH" sh tests/bazel.sh //:tests_vmc_test_lattice
#
# That Bazel knows no modules, but has the rules for Python, C and Java built
# in: the repositories that it would fetch them from are made here, and hand
# the built-in rules on.
set -eu
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

repository() { # name, file of rules, the rules
  mkdir -p "$work/$1/$(dirname "$2")"
  touch "$work/$1/WORKSPACE" "$work/$1/BUILD" "$work/$1/$(dirname "$2")/BUILD"
  for rule in $3; do echo "$rule = native.$rule"; done > "$work/$1/$2"
}
repository rules_python python/defs.bzl "py_library py_binary py_test"
repository rules_cc cc/defs.bzl "cc_library cc_binary cc_test cc_import cc_toolchain \
  cc_toolchain_suite"
repository rules_java java/defs.bzl "java_library java_binary java_test java_import \
  java_plugin java_runtime java_toolchain java_package_configuration"
repository remote_coverage_tools none/defs.bzl ""
printf '#!/bin/sh\n' > "$work/remote_coverage_tools/none.sh"
chmod +x "$work/remote_coverage_tools/none.sh"
for tool in coverage_report_generator lcov_merger; do
  echo "sh_binary(name = '$tool', srcs = ['none.sh'], visibility = ['//visibility:public'])"
done > "$work/remote_coverage_tools/BUILD"

mkdir "$work/checkout"
git archive HEAD | tar --extract --directory "$work/checkout"
cd "$work/checkout"
touch WORKSPACE
bazel_here() {
  command=$1
  shift
  bazel --batch --output_user_root="$work/out" "$command" \
    --override_repository=rules_python="$work/rules_python" \
    --override_repository=rules_cc="$work/rules_cc" \
    --override_repository=rules_java="$work/rules_java" \
    --override_repository=remote_coverage_tools="$work/remote_coverage_tools" "$@"
}
bazel_here build //...
if [ $# -gt 0 ]; then
  bazel_here test --incompatible_strict_action_env=false --test_env=PATH \
    --test_output=errors "$@"
fi
