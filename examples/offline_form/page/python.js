"use strict";
/* Python in the page, from what lies in it. Pyodide asks for its parts by fetch: it gets them from here, and nothing else
   gets anything. */

function embedded(name) {
  const text = atob(globalThis.EMBEDDED[name]);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}
const embeddedText = (name) => new TextDecoder().decode(embedded(name));

globalThis.fetch = async (address) => {
  const name = String(address.url ?? address).split("/").pop();
  if (!(name in globalThis.EMBEDDED)) throw new TypeError("this page connects to nothing");
  const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
  return new Response(embedded(name), { headers: { "Content-Type": type } });
};

/** Start Python and return the functions of bridge.py, each from JSON to JSON. */
async function startPython() {
  const python = await loadPyodide({ indexURL: "./", lockFileContents: JSON.parse(embeddedText("pyodide-lock.json")) });
  python.unpackArchive(embedded("library.zip"), "zip");
  python.FS.writeFile("standard.json", embedded("standard.json"));
  python.runPython(embeddedText("bridge.py"));
  const called = (name) => {
    const its = python.globals.get(name);
    return (...values) => JSON.parse(its(...values.map((value) => JSON.stringify(value))));
  };
  return Object.fromEntries(["describe", "assess", "to_csv", "from_csv"].map((name) => [name, called(name)]));
}
