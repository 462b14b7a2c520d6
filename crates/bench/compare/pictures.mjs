// The pictures of media's worker, made by sharp: a thumbnail, and a served copy with its thumbnail, from a file, as often as it
// can in some seconds with two at a time. Prints one line of JSON. Arguments: the folder where sharp is installed, the file,
// the seconds of each measurement.
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const [installed, file, seconds] = process.argv.slice(2);
const sharp = createRequire(join(installed, 'package.json'))('sharp');
const bytes = await readFile(file);

// One thread for each of two pictures: the most that two cores give.
sharp.concurrency(1);
sharp.cache(false);

const thumbnail = () => sharp(bytes).rotate().resize(400, 400, { fit: 'cover' }).jpeg({ quality: 80 }).toBuffer();
const both = () => {
  const picture = sharp(bytes).rotate();
  return Promise.all([
    picture.clone().jpeg({ quality: 85 }).toBuffer(),
    picture.clone().resize(400, 400, { fit: 'cover' }).jpeg({ quality: 80 }).toBuffer(),
  ]);
};
// The copy first, and the thumbnail of its pixels: what is quicker of the two counts.
const inTurn = async () => {
  const { data, info } = await sharp(bytes).rotate().raw().toBuffer({ resolveWithObject: true });
  const raw = { raw: { width: info.width, height: info.height, channels: info.channels } };
  await sharp(data, raw).jpeg({ quality: 85 }).toBuffer();
  await sharp(data, raw).resize(400, 400, { fit: 'cover' }).jpeg({ quality: 80 }).toBuffer();
};

async function rate(work) {
  await work();
  const began = performance.now(), end = began + seconds * 1000;
  let done = 0;
  await Promise.all([0, 1].map(async () => {
    while (performance.now() < end) {
      await work();
      done += 1;
    }
  }));
  return done / ((performance.now() - began) / 1000);
}

const thumbnails = await rate(thumbnail);
console.log(JSON.stringify({ thumbnails, steps: Math.max(await rate(both), await rate(inTurn)) }));
