'use strict';
/* Jest gives every test file a world of its own and compiles every module anew for it, which was a third of what loading the shop
 * cost: nearly a thousand modules for each file that starts it. A compiled script can run in any number of worlds, so here each is
 * compiled once in a process; what it makes is still made anew for each file. */
const vm = require('node:vm');
const { TestEnvironment } = require('jest-environment-node');

const compileFunction = vm.compileFunction;
/** By file name: the last source compiled under that name, and the script. */
const compiled = new Map();

// Seen by one file only, or not to be wrapped: `import()` asks the world that it was compiled for.
const isForOnce = (filename, source) => filename.endsWith('.test.ts') || /\bimport\s*\(|^#!/.test(source);

vm.compileFunction = (source, parameters, options) => {
  const { filename, parsingContext } = options ?? {};
  if (parsingContext === undefined || filename === undefined) return compileFunction(source, parameters, options);
  const prefix = `(function (${parameters.join(', ')}) {`;
  const known = compiled.get(filename);
  if (known?.source === source && known.prefix === prefix) return known.script.runInContext(parsingContext);
  if (isForOnce(filename, source)) return compileFunction(source, parameters, options);
  // The offset: columns of the first line are those of the source.
  const script = new vm.Script(`${prefix}${source}\n})`, { filename, columnOffset: -prefix.length });
  compiled.set(filename, { source, prefix, script });
  return script.runInContext(parsingContext);
};

module.exports = TestEnvironment;
