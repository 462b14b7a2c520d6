// What the AWS SDK does with a bucket: node sdk.mjs <folder of the SDK> <endpoint> <bucket> <key> <secret>
// Prints what it was answered, as JSON.
import { createRequire } from "node:module";

const [folder, endpoint, Bucket, accessKeyId, secretAccessKey] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const {
  S3Client, PutObjectCommand, HeadObjectCommand, GetObjectCommand, ListObjectsV2Command, DeleteObjectCommand,
  CreateMultipartUploadCommand, UploadPartCommand, CompleteMultipartUploadCommand,
} = require("@aws-sdk/client-s3");
const { getSignedUrl } = require("@aws-sdk/s3-request-presigner");

const credentials = { accessKeyId, secretAccessKey };
const s3 = new S3Client({ endpoint, region: "auto", forcePathStyle: true, credentials });
const answers = {};

// Leave for one client: exactly these bytes of this type, once.
const Key = "received/by-the-sdk.jpg";
const picture = new Uint8Array(100_000).map((_, at) => at % 251);
const headers = { "content-type": "image/jpeg", "if-none-match": "*" };
const url = await getSignedUrl(
  s3,
  new PutObjectCommand({ Bucket, Key, ContentType: "image/jpeg", ContentLength: picture.length, IfNoneMatch: "*" }),
  { expiresIn: 60, signableHeaders: new Set(["host", "content-type", "content-length", "if-none-match"]),
    unhoistableHeaders: new Set(["if-none-match"]) },
);
const put = async (changed, body = picture) =>
  (await fetch(url, { method: "PUT", headers: { ...headers, ...changed }, body })).status;
answers.otherType = await put({ "content-type": "text/html" });
answers.otherLength = await put({}, picture.slice(1));
answers.first = await put({});
answers.second = await put({});

// What it says of the object, and its bytes.
const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
answers.head = [head.ContentType, head.ContentLength];
const read = await s3.send(new GetObjectCommand({ Bucket, Key }));
answers.same = Buffer.compare(await read.Body.transformToByteArray(), picture) === 0;

// Its own uploads carry checksums, and in parts too.
await s3.send(new PutObjectCommand({ Bucket, Key: "own/whole", Body: picture }));
const parts = { Bucket, Key: "own/parts" };
const { UploadId } = await s3.send(new CreateMultipartUploadCommand(parts));
const large = new Uint8Array(5 * 1024 * 1024);
const sent = [];
for (const [index, Body] of [large, picture].entries()) {
  const { ETag } = await s3.send(new UploadPartCommand({ ...parts, UploadId, PartNumber: index + 1, Body }));
  sent.push({ ETag, PartNumber: index + 1 });
}
await s3.send(new CompleteMultipartUploadCommand({ ...parts, UploadId, MultipartUpload: { Parts: sent } }));
const list = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "own/" }));
answers.list = list.Contents.map((object) => [object.Key, object.Size]);
await s3.send(new DeleteObjectCommand({ Bucket, Key }));
answers.gone = await s3.send(new HeadObjectCommand({ Bucket, Key })).catch((error) => error.name);
console.log(JSON.stringify(answers));
