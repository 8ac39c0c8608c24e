import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { findBrowser } from "../browser.js";

/**
 * Draws the application's icon: `node build/icons/draw.js`. Writes `icon.svg`, the 512-pixel `icon.png` from which
 * electron-builder makes the others, and the pictures that the window and the tray show.
 */

const here = import.meta.dirname;

/** Peers down, pieces across; 0 … 3: how much of it there is. Drawn by hand, so that it reads at 16 pixels too. */
const swarm = ["013310", "233321", "333332", "123333", "012332", "001221"];
const shades = ["#15294a", "#1f6f8b", "#2fb5a5", "#8ff0c4"];
const cell = 46;
const gap = 6;
const start = 256 - (swarm.length * (cell + gap) - gap) / 2;

const pieces = swarm
  .flatMap((row, y) =>
    [...row].map((shade, x) => {
      const [left, top] = [start + x * (cell + gap), start + y * (cell + gap)];
      return `    <rect x="${left}" y="${top}" width="${cell}" height="${cell}" rx="8" fill="${shades[Number(shade)]}" />`;
    }),
  )
  .join("\n");

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">
  <title>Peerscope</title>
  <defs>
    <linearGradient id="night" x1="0" y1="0" x2="0" y2="1">
      <stop offset="0" stop-color="#20406b" />
      <stop offset="1" stop-color="#0b1526" />
    </linearGradient>
    <clipPath id="lens"><circle cx="256" cy="256" r="150" /></clipPath>
  </defs>
  <rect x="24" y="24" width="464" height="464" rx="104" fill="url(#night)" />
  <circle cx="256" cy="256" r="150" fill="#0a1222" />
  <g clip-path="url(#lens)">
${pieces}
  </g>
  <circle cx="256" cy="256" r="158" fill="none" stroke="#eef5ff" stroke-width="20" />
  <path d="M256 62v36M256 414v36M62 256h36M414 256h36" stroke="#eef5ff" stroke-width="20" stroke-linecap="round" />
</svg>
`;

const executablePath = findBrowser();
if (executablePath === undefined) throw new Error("the icon is drawn by a Chromium, and none is installed");
const browser = await chromium.launch({ executablePath, args: ["--disable-gpu"] });
const page = await browser.newPage();

/** @param {number} size In pixels. */
async function draw(size) {
  await page.setViewportSize({ width: size, height: size });
  const address = `data:image/svg+xml;base64,${Buffer.from(icon).toString("base64")}`;
  await page.setContent(`<body style="margin:0"><img src="${address}" width="${size}" height="${size}"></body>`);
  return page.screenshot({ omitBackground: true });
}

writeFileSync(join(here, "icon.svg"), icon);
writeFileSync(join(here, "icon.png"), await draw(512));
writeFileSync(join(here, "../../electron/tray.png"), await draw(32));
writeFileSync(join(here, "../../electron/window.png"), await draw(128));
await browser.close();
