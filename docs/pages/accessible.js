/* What the theme leaves out for people who read with a keyboard or by ear. */
const reachable = () => {
  for (const wide of document.querySelectorAll(".md-typeset__scrollwrap, .md-typeset pre > code, p:has(> img.picture)")) wide.tabIndex = 0
}
// Output in columns scrolls, and sentences are broken; two blanks before a comment make no column.
for (const code of document.querySelectorAll(".md-typeset pre > code"))
  code.classList.toggle("columns", (code.textContent.match(/\S {2,}[^\s#]/g) ?? []).length > 3)
document.querySelector(".md-search")?.setAttribute("aria-label", document.documentElement.lang === "vi" ? "Tìm kiếm" : "Search")
new MutationObserver(reachable).observe(document.body, { childList: true, subtree: true }) // the theme wraps tables later
reachable()
