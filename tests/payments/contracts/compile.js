// Compiles Tokens.sol into Tokens.json: node compile.js FOLDER_OF_SOLC
const fs = require("fs");
const path = require("path");
const solc = require(path.resolve(process.argv[2]));

const source = fs.readFileSync(path.join(__dirname, "Tokens.sol"), "utf8");
const input = {
  language: "Solidity",
  sources: { "Tokens.sol": { content: source } },
  settings: {
    evmVersion: "paris", // without PUSH0, so that older chains run it too
    optimizer: { enabled: true, runs: 200 },
    metadata: { appendCBOR: false, bytecodeHash: "none" },
    outputSelection: { "*": { "*": ["evm.bytecode.object"] } },
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input)));
if (output.errors) throw new Error(JSON.stringify(output.errors, null, 2));
const made = Object.entries(output.contracts["Tokens.sol"]).map(([name, it]) => [name, it.evm.bytecode.object]);
fs.writeFileSync(path.join(__dirname, "Tokens.json"), JSON.stringify(Object.fromEntries(made), null, 1) + "\n");
