// Fills an XForm in ODK Web Forms' engine: {form, cases: [{household, members}]} on standard input, what the form
// calculates for each case on standard output. Takes the folder of node_modules with @getodk/xforms-engine and jsdom.
import fs from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const modules = process.argv[2];
const { JSDOM } = createRequire(`${modules}/x.js`)("jsdom");
const { form, cases } = JSON.parse(fs.readFileSync(0, "utf8"));
const print = (found) => fs.writeFileSync(1, JSON.stringify(found));
const exit = process.exit.bind(process);

// The engine is made for browsers: give it a window, and let its parser not take this for node.
const { window } = new JSDOM("", { url: "http://localhost/" });
for (const name of Object.getOwnPropertyNames(window)) {
  if (/^[A-Z]/.test(name) && !(name in globalThis)) globalThis[name] = window[name];
}
globalThis.window = window;
globalThis.document = window.document;
globalThis.process = { env: {}, nextTick: process.nextTick.bind(process) };
const { createInstance } = await import(pathToFileURL(`${modules}/@getodk/xforms-engine/dist/index.js`));

const name = (node) => node.currentState.reference.split("/").pop();
const children = (node) => node.currentState.children ?? [];
const calculated = (root) => {
  const found = {};
  const visit = (node) => {
    if (node.nodeType.startsWith("repeat")) return;
    if (node.nodeType === "model-value") found[name(node)] = String(node.currentState.instanceValue ?? "");
    children(node).forEach(visit);
  };
  visit(root);
  return found;
};
const fill = (nodes, answers) => {
  const asked = {};
  for (const node of nodes) {
    const value = answers[name(node)];
    if (value === undefined || value === null || !node.currentState.relevant) continue;
    if (node.nodeType === "select") node.selectValue(value);
    else if (node.nodeType === "input") node.setValue(value);
    else continue;
    asked[name(node)] = value;
  }
  return asked;
};

const found = [];
for (const { household, members } of cases) {
  const { root } = await createInstance(form);
  const asked = fill(children(root), household);
  const repeat = children(root).find((node) => node.nodeType.startsWith("repeat-range"));
  const rows = repeat ? children(repeat) : [];
  if (repeat && rows.length !== members.length) throw new Error(`${rows.length} members in the form, not ${members.length}`);
  const people = rows.map((row, place) => fill(children(row), members[place]));
  found.push({ calculated: calculated(root), asked, people });
}
print(found);
exit(0);
