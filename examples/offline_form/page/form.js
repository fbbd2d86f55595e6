"use strict";
/* The form: its questions come from the standard, and which of them are asked from what may still change the class. */

const TEXT = {
  vi: {
    title: "Phiếu rà soát hộ", language: "English", loading: "Đang mở, xin chờ …", about: "Hộ", key: "Mã hộ", date: "Ngày rà soát",
    household: "Câu hỏi về hộ", members: "Thành viên", size: "Hộ có bao nhiêu nhân khẩu?", member: "Thành viên", add: "Thêm thành viên", remove: "Bỏ thành viên",
    yes: "Có", no: "Không", unknown: "Chưa biết", choose: "(chưa biết)", all: "Hiện cả những câu không còn làm thay đổi kết quả",
    next: "Câu tiếp theo", open: "Chưa đủ câu trả lời", possible: "còn có thể là", wrong: "Có câu trả lời cần sửa", deprivations: "chỉ số thiếu hụt", left: "câu cần hỏi", done: "đã rõ",
    result: "Kết quả và lý do", words: "Nguyên văn quy định", unconfirmed: "chưa xác nhận được", files: "Lưu và xuất", save: "Lưu hộ này", fresh: "Hộ mới",
    json: "Xuất JSON", csv: "Xuất CSV", read: "Nhập tệp", print: "In", clear: "Xóa tất cả", edit: "Mở", erase: "Xóa",
    needkey: "Hãy ghi mã hộ trước khi lưu.", kept: "Đã lưu", imported: "Đã nhập", unreadable: "Không đọc được tệp này.", nothing: "Chưa có hộ nào được lưu.",
    sure: "Xóa mọi hộ đã lưu trên máy này?", replace: "Mã hộ này đã được lưu. Thay bằng câu trả lời trên màn hình?",
    privacy: "Câu trả lời chỉ nằm trên máy này: trang không kết nối với bất cứ nơi nào. Trên máy dùng chung, hãy xuất tệp rồi xóa.",
    sheet: "Không phải mẫu phiếu chính thức.", officer: "Cán bộ rà soát", head: "Đại diện hộ", provisional: "Chuẩn này chưa được xác nhận đầy đủ.", failed: "Trang này không chạy được trên trình duyệt này: ",
  },
  en: {
    title: "Household review form", language: "Tiếng Việt", loading: "Opening, please wait …", about: "Household", key: "Household number", date: "Day of the review",
    household: "Questions about the household", members: "Members", size: "How many persons live in the household?", member: "Member", add: "Add a member", remove: "Remove member",
    yes: "Yes", no: "No", unknown: "Not known", choose: "(not known)", all: "Show the questions that can't change the result too",
    next: "Next question", open: "The answers don't decide the class yet", possible: "still possible", wrong: "Some answers need correcting", deprivations: "deprivations", left: "questions left", done: "settled",
    result: "Result and reasons", words: "Words of the law", unconfirmed: "not confirmed", files: "Save and export", save: "Save this household", fresh: "New household",
    json: "Export JSON", csv: "Export CSV", read: "Import files", print: "Print", clear: "Erase all", edit: "Open", erase: "Erase",
    needkey: "Write the household's number before saving.", kept: "Saved", imported: "Imported", unreadable: "This file can't be read.", nothing: "No household is saved yet.",
    sure: "Erase every household that is saved on this machine?", replace: "This number is saved already. Replace it by the answers on the screen?",
    privacy: "The answers are on this machine only: the page connects to nothing. On a shared machine, export them and erase them.",
    sheet: "Not an official form.", officer: "Officer", head: "For the household", provisional: "This standard isn't fully confirmed.", failed: "This page doesn't run in this browser: ",
  },
};

const $ = (id) => document.getElementById(id);
const KEY = "household_id", SIZE = "household_size";
const asked = { members: false };
let lang = "vi", settings = {}, python, law, verdict, record;

const empty = () => ({ date: settings.date, household: {}, members: [] });
const t = (name) => TEXT[lang][name];

/** Make an element: attributes, then children. */
function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

// ------------------------------------------------------------------------------------------------------- questions

const rowId = (field, member) => `${member == null ? "h" : `m${member}`}-${field}`;

/** Read what was typed: thousands may be grouped, decimals begin with a comma or a point. What is no number stays text,
    and so does what may be two, as 12.500 m²: the library says beside the field that it can't be an answer. */
function typed(text, kind) {
  const plain = text.trim();
  if (plain === "") return null;
  if (kind !== "number" && /^\d{1,3}([.,\s]\d{3})+$/.test(plain)) return Number(plain.replace(/[.,\s]/g, ""));
  if (kind === "number" && /^\d{1,3}[.,]\d{3}$/.test(plain)) return `${plain} ?`;
  return /^-?\d+([.,]\d+)?$/.test(plain) ? Number(plain.replace(",", ".")) : plain;
}

function shown(value, kind) {
  if (value == null) return "";
  if (typeof value !== "number") return String(value);
  return kind === "money" ? new Intl.NumberFormat(lang).format(value) : String(value).replace(".", lang === "vi" ? "," : ".");
}

/** One question with its place for an answer, and for what is wrong with it. */
function question(field, answers, member, changed) {
  const id = rowId(field.id, member), value = answers[field.id];
  const described = `${id}-wrong`;
  const put = (answer) => {
    if (answer == null || answer === "") delete answers[field.id];
    else answers[field.id] = answer;
    changed();
  };
  const wrong = make("p", { class: "wrong", id: described });
  if (field.kind === "flag") {
    const choice = (label, answer) =>
      make("label", {}, make("input", { type: "radio", name: id, value: String(answer), checked: (value ?? null) === answer, "aria-describedby": described, onchange: () => put(answer) }), label);
    const choices = make("div", { class: "choices" }, choice(t("yes"), true), choice(t("no"), false), choice(t("unknown"), null));
    return make("fieldset", { class: "row", id: `row-${id}` }, make("legend", {}, field.question[lang]), choices, wrong);
  }
  let input;
  if (field.kind === "code") {
    const options = field.codes.map((code) => make("option", { value: code.id, selected: value === code.id }, code.label[lang]));
    input = make("select", { id, "aria-describedby": described, onchange: () => put(input.value) }, make("option", { value: "" }, t("choose")), ...options);
    if (value != null && !field.codes.some((code) => code.id === value)) input.append(make("option", { value, selected: true }, String(value)));
  } else {
    input = make("input", { id, type: "text", inputmode: field.kind === "number" ? "decimal" : "numeric", value: shown(value, field.kind), "aria-describedby": described, onchange: () => put(typed(input.value, field.kind)) });
  }
  const unit = field.unit[lang] ? make("span", { class: "unit" }, ` (${field.unit[lang]})`) : null;
  return make("div", { class: "row", id: `row-${id}` }, make("label", { for: id }, field.question[lang], unit), input, wrong);
}

const of = (level) => law.fields.filter((field) => field.level === level && !(asked.members && field.id === SIZE));
const numberOf = (name, label) => ({ id: name, kind: "text", question: { vi: label, en: label }, unit: { vi: "", en: "" }, codes: [] });

/** Add members up to a number, or take away those at the end of whom nothing is known. */
function resize(wanted) {
  while (record.members.length < wanted) record.members.push({});
  while (record.members.length > wanted && Object.keys(record.members.at(-1)).length === 0) record.members.pop();
}

function draw() {
  document.documentElement.lang = lang;
  document.title = t("title");
  $("title").textContent = t("title");
  $("law").textContent = law.title[lang] + (law.provisional ? ` – ${t("provisional")}` : "");
  $("language").textContent = t("language");
  $("language").lang = lang === "vi" ? "en" : "vi";
  $("all-label").textContent = t("all");
  $("result-title").textContent = t("result");
  $("words-title").textContent = t("words");
  $("files-title").textContent = t("files");
  $("privacy").textContent = t("privacy");
  const day = make("input", { type: "date", id: "date", value: record.date, onchange: () => { record.date = day.value; refresh(); } });
  const key = question(numberOf(KEY, t("key")), record.household, null, refresh);
  const about = make("fieldset", {}, make("legend", {}, t("about")), key, make("div", { class: "row", id: "row-date" }, make("label", { for: "date" }, t("date")), day));
  if (asked.members) {
    const size = make("input", { id: "size", type: "text", inputmode: "numeric", value: record.members.length || "", onchange: () => { resize(Math.min(99, Number(size.value) || 0)); drawMembers(); refresh(); } });
    about.append(make("div", { class: "row", id: "row-size" }, make("label", { for: "size" }, t("size")), size));
  }
  $("about").replaceChildren(about);
  $("household").replaceChildren(make("fieldset", {}, make("legend", {}, t("household")), ...of("household").map((field) => question(field, record.household, null, refresh))));
  drawMembers();
  const tool = (name, action, kind) => make("button", { type: "button", id: `tool-${name}`, class: kind, onclick: action }, t(name));
  const file = make("input", { type: "file", id: "file", multiple: true, accept: ".json,.csv", hidden: true, onchange: () => read(file) });
  $("tools").replaceChildren(tool("save", save, "main"), tool("fresh", fresh), tool("json", exportJson), tool("csv", exportCsv), tool("read", () => file.click()), file, tool("print", () => window.print()), tool("clear", clear));
  listSaved();
}

function drawMembers() {
  if (!asked.members) return;
  const blocks = record.members.map((answers, position) =>
    make("fieldset", { id: `member-${position}` }, make("legend", {}, `${t("member")} ${position + 1}`),
      ...of("member").map((field) => question(field, answers, position, refresh)),
      make("p", {}, make("button", { type: "button", id: `remove-${position}`, onclick: () => { record.members.splice(position, 1); drawMembers(); refresh(); $("add").focus(); } }, `${t("remove")} ${position + 1}`))));
  const add = make("button", { type: "button", id: "add", onclick: () => { record.members.push({}); drawMembers(); refresh(); focusOn($(`member-${record.members.length - 1}`)); } }, t("add"));
  $("members").replaceChildren(make("h2", {}, t("members")), ...blocks, make("p", {}, add));
  $("size").value = record.members.length || "";
}

// --------------------------------------------------------------------------------------------------------- answers

/** Ask the library, and show what it says: the class, the reasons, mistakes beside their fields, what to ask next. */
function refresh() {
  const { [KEY]: _, ...household } = record.household;
  if (asked.members) delete household[SIZE];
  verdict = python.assess({ date: record.date, household, members: record.members });
  localStorage.setItem(`${law.id} draft`, JSON.stringify(record));
  showProblems(verdict.problems ?? []);
  if (!verdict.problems) {
    showAsked();
    showReasons();
  }
  showSummary();
  drawSheet();
}

function showProblems(problems) {
  for (const each of document.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
  for (const each of document.querySelectorAll(".wrong")) if (each.id) each.textContent = "";
  for (const problem of problems) {
    for (const member of problem.members.length ? problem.members : [null]) {
      const row = $(`row-${rowId(problem.field, member)}`) ?? $("row-size") ?? $("row-date");
      row.classList.remove("skipped");
      row.querySelector("input, select").setAttribute("aria-invalid", "true");
      const place = row.querySelector(".wrong") ?? row.appendChild(make("p", { class: "wrong", id: `${row.id}-wrong` }));
      place.textContent = problem.text[lang];
    }
  }
}

const placeOf = (ask) =>
  ask.field === "members" || (asked.members && ask.field === SIZE) ? "row-size" : ask.field === "date" ? "row-date" : `row-${rowId(ask.field, ask.member)}`;

function showAsked() {
  const places = new Set(verdict.ask.map(placeOf)), next = placeOf(verdict.ask[0] ?? { field: "" });
  for (const row of document.querySelectorAll("#household .row, #members .row")) {
    const [, whose, field] = /^row-(h|m\d+)-(.*)$/.exec(row.id);
    const answers = whose === "h" ? record.household : record.members[Number(whose.slice(1))];
    row.classList.toggle("skipped", !places.has(row.id) && answers?.[field] == null);
  }
  for (const row of document.querySelectorAll(".row")) {
    row.classList.toggle("asked", places.has(row.id));
    row.classList.toggle("next", row.id === next);
  }
}

function className() {
  if (verdict.problems) return t("wrong");
  if (verdict.category) return law.categories[verdict.category][lang];
  return `${t("open")} – ${t("possible")}: ${verdict.possible.map((name) => law.categories[name][lang]).join(", ")}`;
}

function showSummary() {
  const box = $("summary");
  box.classList.toggle("wrong", Boolean(verdict.problems));
  const parts = [make("strong", { id: "class" }, className())];
  if (!verdict.problems) {
    const { deprivations: low, deprivations_max: high, ask } = verdict;
    const counted = low === high ? low : `${low}–${high}`;
    parts.push(` · ${t("deprivations")}: ${counted} · ${ask.length ? `${t("left")}: ${ask.length}` : t("done")} `);
    if (ask.length) parts.push(make("button", { type: "button", id: "next", onclick: goOn }, t("next")));
  }
  box.replaceChildren(...parts);
}

function goOn() {
  if (verdict.ask?.length) focusOn($(placeOf(verdict.ask[0])));
}

function focusOn(row) {
  const visible = [...(row?.querySelectorAll("input, select") ?? [])].find((each) => each.offsetParent);
  visible?.focus();
  visible?.scrollIntoView({ block: "center" });
}

function showReasons() {
  const lines = verdict.text[lang].split("\n").map((line) => {
    const made = make("li", {}, line.trim());
    made.style.paddingLeft = `${(line.length - line.trimStart().length) / 2}rem`;
    return made;
  });
  $("reasons").replaceChildren(...lines);
  const words = [];
  const walk = (finding) => {
    if (finding.citation?.words) {
      const { instrument, place, words: quoted, confirmed } = finding.citation;
      words.push(make("dt", {}, finding.label[lang]), make("dd", {}, make("q", { lang: "vi" }, quoted), ` ${instrument}, ${place}${confirmed ? "" : ` (${t("unconfirmed")})`}`));
    }
    (finding.children ?? []).forEach(walk);
  };
  verdict.findings.forEach(walk);
  $("words").replaceChildren(...words);
}

// ------------------------------------------------------------------------------------------------- saving and files

const shelf = () => `${law.id} saved`;
const saved = () => JSON.parse(localStorage.getItem(shelf()) ?? "{}");
const keep = (all) => localStorage.setItem(shelf(), JSON.stringify(all));
const say = (text) => { $("said").textContent = text; };
let opened = null;

function save() {
  const key = String(record.household[KEY] ?? "").trim();
  if (!key) {
    $(`${rowId(KEY)}-wrong`).textContent = t("needkey");
    $(rowId(KEY)).setAttribute("aria-invalid", "true");
    return $(rowId(KEY)).focus();
  }
  const all = saved();
  if (Object.hasOwn(all, key) && key !== opened && !window.confirm(t("replace"))) return undefined;
  record.household[KEY] = opened = key;
  keep({ ...all, [key]: record });
  listSaved();
  return say(`${t("kept")}: ${key}`);
}

function take(other, key = null) {
  record = { date: other.date ?? "", household: { ...other.household }, members: (other.members ?? []).map((member) => ({ ...member })) };
  opened = key;
  draw();
  refresh();
}

function fresh() {
  take(empty());
  $(rowId(KEY)).focus();
}

function clear() {
  if (!window.confirm(t("sure"))) return;
  localStorage.removeItem(shelf());
  localStorage.removeItem(`${law.id} draft`);
  fresh();
}

function listSaved() {
  const all = saved(), keys = Object.keys(all);
  const rows = keys.map((key) => make("li", {}, make("span", {}, key),
    make("button", { type: "button", "aria-label": `${t("edit")} ${key}`, onclick: () => take(all[key], key) }, t("edit")),
    make("button", { type: "button", "aria-label": `${t("erase")} ${key}`, onclick: () => { const left = saved(); delete left[key]; keep(left); listSaved(); } }, t("erase"))));
  $("saved").replaceChildren(...(keys.length ? rows : [make("li", { class: "note" }, t("nothing"))]));
}

/** The saved households, and the one on the screen once it has a number. */
function everyone() {
  const all = saved();
  const key = record.household[KEY];
  return Object.values(key ? { ...all, [key]: record } : all);
}

function download(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

const exportJson = () => download("households.json", "application/json", JSON.stringify({ standard: law.id, digest: law.digest, households: everyone() }, null, 2));

function exportCsv() {
  const [homes, people] = python.to_csv(everyone());
  download("households.csv", "text/csv", homes);
  if (asked.members) download("members.csv", "text/csv", people);
}

async function read(input) {
  try {
    const files = await Promise.all([...input.files].map(async (file) => ({ json: file.name.endsWith(".json"), text: await file.text() })));
    const found = files.filter((file) => file.json).flatMap((file) => JSON.parse(file.text).households);
    const tables = files.filter((file) => !file.json).map((file) => file.text);
    if (tables.length) found.push(...python.from_csv(tables).map((each) => ({ date: record.date, ...each })));
    if (!found.length || found.some((each) => typeof each.household !== "object" || !each.household[KEY])) throw new Error("no households");
    const arrived = found.map((each) => [String(each.household[KEY]), { date: each.date ?? "", household: each.household, members: each.members ?? [] }]);
    keep({ ...saved(), ...Object.fromEntries(arrived) });
    take(arrived[0][1], arrived[0][0]);
    say(`${t("imported")}: ${found.length}`);
  } catch {
    say(t("unreadable"));
  }
  input.value = "";
}

// ----------------------------------------------------------------------------------------------------------- paper

function said(field, value) {
  if (value == null) return "";
  if (field.kind === "flag" && typeof value === "boolean") return value ? t("yes") : t("no");
  return field.codes.find((code) => code.id === value)?.label[lang] ?? shown(value, field.kind);
}

function drawSheet() {
  const answered = of("household").filter((field) => record.household[field.id] != null);
  const pairs = answered.map((field) => make("div", {}, make("span", {}, field.label[lang]), make("span", {}, said(field, record.household[field.id]))));
  const parts = [
    make("h1", {}, `${t("title")} ${record.household[KEY] ?? ""}`),
    make("p", {}, `${t("date")}: ${record.date || "…"} · ${law.title[lang]} (${law.id}, ${law.digest.slice(0, 12)}) · ${t("sheet")}`),
    make("h2", {}, className()),
    make("div", { class: "answers" }, ...pairs),
  ];
  if (record.members.length) {
    const columns = of("member").filter((field) => record.members.some((member) => member[field.id] != null));
    const head = make("tr", {}, make("th", {}, "#"), ...columns.map((field) => make("th", {}, field.label[lang])));
    const rows = record.members.map((member, i) => make("tr", {}, make("td", {}, String(i + 1)), ...columns.map((field) => make("td", {}, said(field, member[field.id]) || "–"))));
    parts.push(make("h2", {}, t("members")), make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
  }
  if (verdict.text) {
    const lines = verdict.text[lang].split("\n").slice(1).map((line) => make("li", {}, line.replace(/^ +/, (blanks) => "\u00a0".repeat(blanks.length))));
    parts.push(make("h2", {}, t("result")), make("ul", {}, ...lines));
  }
  parts.push(make("div", { class: "sign" }, make("span", {}, t("officer")), make("span", {}, t("head"))));
  $("sheet").replaceChildren(...parts);
}

// ----------------------------------------------------------------------------------------------------------- start

function today() {
  const now = new Date();
  return new Date(now - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

async function start() {
  $("summary").textContent = t("loading");
  try {
    python = await startPython();
    law = python.describe();
  } catch (error) {
    $("summary").textContent = t("failed") + error.message;
    throw error;
  }
  settings = JSON.parse(embeddedText("settings.json"));
  settings.date ??= today();
  asked.members = law.fields.some((field) => field.level === "member");
  lang = localStorage.getItem("language") === "en" ? "en" : "vi";
  $("language").addEventListener("click", () => {
    lang = lang === "vi" ? "en" : "vi";
    localStorage.setItem("language", lang);
    draw();
    refresh();
  });
  $("all").addEventListener("change", () => $("form").classList.toggle("show-all", $("all").checked));
  $("form").addEventListener("submit", (event) => event.preventDefault());
  $("form").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName === "BUTTON") return;
    event.preventDefault();
    event.target.dispatchEvent(new Event("change"));
    goOn();
  });
  const draft = localStorage.getItem(`${law.id} draft`);
  for (const id of ["form", "result", "files"]) $(id).hidden = false;
  take(draft ? JSON.parse(draft) : empty());
}

start();
