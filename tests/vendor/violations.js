// What axe finds wrong on this page by WCAG 2.2, A and AA: each with its rule, and the first elements it is about.
async (only) => {
  const levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const asked = only ? { type: "rule", values: only } : { type: "tag", values: levels };
  const alike = { exclude: [["tbody tr:nth-child(n+5)"], [":is(ol, ul) > li:nth-child(n+5)"]] }; // long lists repeat themselves
  const found = await axe.run(alike, { runOnly: asked, resultTypes: ["violations"] });
  return found.violations.map((each) => {
    const where = each.nodes.slice(0, 5).map((node) => `${node.target.join(" ")}: ${node.failureSummary}`);
    return `${each.id}, ${each.nodes.length} times: ${where.join("; ")}`;
  });
}
