"""look.py FILE WIDTH light|dark [AXE.js]: a page as Chromium shows it. Says in JSON how wide it became and what stands out on
the right; with axe-core, also what it finds to be in the way of people who cannot see or point well."""
import json
import re
import subprocess
import sys
import tempfile

SCRIPT = """<script>%s</script><script>
(async () => {
  const wide = document.documentElement.clientWidth;
  const out = {width: document.documentElement.scrollWidth, room: wide, dark: matchMedia('(prefers-color-scheme: dark)').matches,
    cut: [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > wide + 1 ||
      e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible').map(e => e.tagName + ' ' +
      e.textContent.slice(0, 30))};
  if (window.axe) {
    const r = await axe.run(document, {resultTypes: ['violations']});
    out.violations = r.violations.map(v => v.id + ': ' + v.help);
    out.passes = r.passes.length;
  }
  document.documentElement.textContent = 'LOOK' + JSON.stringify(out) + 'END';
})()
</script></body>"""


def main(path, width, scheme, axe=None):
    text = open(path).read()
    script = open(axe).read().replace("</script", "<\\/script") if axe else ""
    with tempfile.TemporaryDirectory() as work:
        with open(work + "/page.html", "w") as page:
            page.write(text.replace("</body>", SCRIPT.replace("%s", script, 1)))
        dark = ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []
        said = subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                               "--user-data-dir=" + work + "/profile", "--window-size=" + width + ",800",
                               "--virtual-time-budget=20000", "--dump-dom"] + dark + ["file://" + work + "/page.html"],
                              capture_output=True, text=True, timeout=300).stdout
    found = re.search("LOOK(.*)END", said, re.S)
    print(json.dumps(json.loads(found.group(1).replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")))
          if found else '{"trouble": "chromium said nothing"}')


main(*sys.argv[1:])
