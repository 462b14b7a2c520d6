//! What cameras and programs say in a file is gone from what is served, as another program sees it: exiftool, which knows
//! more of them than anybody.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use image::ImageFormat;
use media_files::picture::Picture;
use serde_json::{Map, Value};

use crate::build::{self, Folder, picture};
use crate::videos::{H264, PICTURE, SOUND, tools};

/// How many files of each kind: two hundred in all.
const FILES: [(&str, usize); 7] =
    [("jpg", 90), ("png", 40), ("webp", 30), ("gif", 20), ("mp4", 8), ("mov", 8), ("webm", 4)];
/// In every text that is planted.
const MARK: &str = "PLANTED";

/// What a file cannot be without: its form. Everything else that exiftool tells of one was put there by somebody.
const FORM: &str = "\
    AVCConfiguration AnimationIterations AudioBitsPerSample AudioChannels AudioFormat AudioSampleRate \
    AverageBitrate AvgBitrate BackgroundColor Balance BitDepth BitsPerPixel BitsPerSample BufferSize ChunkOffset \
    CodecID CodecPrivate ColorComponents ColorResolutionDepth ColorType CompatibleBrands Compression \
    CompressorID CreateDate CueClusterPosition CueTime CueTrack CurrentTime DocType DocTypeReadVersion \
    DocTypeVersion Duration EBMLMaxIDLength EBMLMaxSizeLength EBMLReadVersion EBMLVersion EncodingProcess \
    FileType FileTypeExtension Filter FrameCount Free GIFVersion GraphicsMode HandlerDescription HandlerType \
    HandlerVendorID HasColorMap ImageHeight ImageSize ImageWidth Interlace JFIFVersion MIMEType MajorBrand \
    MatrixStructure MaxBitrate MediaCreateDate MediaData MediaDataOffset MediaDataSize MediaDuration \
    MediaHeaderVersion MediaLanguageCode MediaModifyDate MediaTimeScale Megapixels MinorVersion ModifyDate \
    MovieHeaderVersion MuxingApp NextTrackID OpColor PixelAspectRatio PosterTime PreferredRate PreferredVolume \
    PreviewDuration PreviewTime ResolutionUnit Rotation SampleGroupDescription SampleSizes SampleToChunk \
    SampleToGroup SeekID SeekPosition SelectionDuration SelectionTime SourceImageHeight SourceImageWidth \
    SyncSampleTable TagTrackUID TimeCode TimeScale TimeToSampleTable TimecodeScale TrackCreateDate TrackDefault \
    TrackDuration TrackHeaderVersion TrackID TrackLacing TrackLanguage TrackLayer TrackModifyDate TrackNumber \
    TrackType TrackUID TrackVolume VideoFrameRate VideoScanType WritingApp XResolution YCbCrSubSampling \
    YResolution";

const NEEDED: &str = "this test needs exiftool: apt-get install libimage-exiftool-perl";

/// Reads all files of a folder, each as a list of `group:name` and value.
fn told(folder: &Path) -> Vec<Map<String, Value>> {
    let arguments = ["-json", "-G1", "-a", "-ee3"];
    let output = Command::new("exiftool").args(arguments).arg(folder).output().expect(NEEDED);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What is written into the file of this number; which of it a kind of file can hold, exiftool decides.
fn wishes(number: usize, kind: &str, thumbnail: &Path) -> Vec<String> {
    let text = format!("{MARK} {number}");
    let (latitude, longitude) = (36.0 + number as f64 / 1_000.0, 3.0 + number as f64 / 500.0);
    let mut wishes: Vec<_> = ["XMP-dc:Creator", "XMP-dc:Description", "XMP-photoshop:City", "Comment"]
        .into_iter()
        .map(|name| format!("-{name}={text}"))
        .collect();
    wishes.push(format!("-XMP-exif:GPSLatitude={latitude}"));
    wishes.push(format!("-XMP-exif:GPSLongitude={longitude}"));
    let place = format!("{latitude}, {longitude}, {number}");
    let more: &[String] = &match kind {
        "mp4" | "mov" => vec![
            format!("-Keys:GPSCoordinates={place}"),
            format!("-UserData:GPSCoordinates={place}"),
            format!("-ItemList:GPSCoordinates={place}"),
            format!("-Keys:Model={text}"),
            format!("-Keys:Artist={text}"),
            format!("-UserData:Author={text}"),
            "-QuickTime:CreateDate=2024:02:03 04:05:06".to_owned(),
            "-QuickTime:TrackCreateDate=2024:02:03 04:05:06".to_owned(),
            "-QuickTime:MediaCreateDate=2024:02:03 04:05:06".to_owned(),
        ],
        "gif" => Vec::new(),
        _ => vec![
            format!("-GPS:GPSLatitude={latitude}"),
            "-GPS:GPSLatitudeRef=N".to_owned(),
            format!("-GPS:GPSLongitude={longitude}"),
            "-GPS:GPSLongitudeRef=E".to_owned(),
            format!("-IFD0:Make={text}"),
            format!("-IFD0:Model={text}"),
            format!("-IFD0:Artist={text}"),
            format!("-IFD0:Orientation#={}", number % 8 + 1),
            format!("-ExifIFD:SerialNumber={text}"),
            format!("-ExifIFD:UserComment={text}"),
            "-ExifIFD:DateTimeOriginal=2024:02:03 04:05:06".to_owned(),
        ],
    };
    wishes.extend_from_slice(more);
    if kind == "jpg" {
        wishes.push(format!("-IPTC:City={text}"));
        wishes.push(format!("-IPTC:By-line={text}"));
        wishes.push(format!("-Photoshop:URL=http://{MARK}.example/{number}"));
        wishes.push(format!("-ThumbnailImage<={}", thumbnail.display()));
    }
    wishes
}

/// A file of each number as its camera made it, in `folder`.
fn files(folder: &Folder) -> Vec<PathBuf> {
    let film = format!("{PICTURE} {SOUND}");
    let small = folder.write("small.thumbnail", &build::jpeg(&picture(16, 12)));
    let flat = |kind: &str| match kind {
        "jpg" => build::jpeg(&picture(60, 40)),
        "png" => build::encoded(picture(60, 40), ImageFormat::Png),
        "webp" => build::encoded(picture(60, 40), ImageFormat::WebP),
        "gif" => build::gif(60, 40, 2),
        "webm" => {
            let said = format!("-metadata title={MARK} -metadata ARTIST={MARK} -metadata location=+36.7538+003.0588/");
            let made =
                folder.ffmpeg("flat.webm", &format!("{film} -c:v libvpx -deadline realtime -c:a libvorbis {said}"));
            std::fs::read(made).unwrap()
        }
        _ => {
            std::fs::read(folder.ffmpeg(&format!("flat.{kind}"), &format!("{film} {H264} -c:a aac -shortest"))).unwrap()
        }
    };
    std::fs::create_dir(folder.path("in")).unwrap();
    let (mut made, mut script) = (Vec::new(), String::new());
    for (kind, count) in FILES {
        let flat = flat(kind);
        for _ in 0..count {
            let path = folder.write(&format!("in/{}.{kind}", made.len()), &flat);
            // It writes none.
            if kind != "webm" {
                for wish in wishes(made.len(), kind, &small) {
                    writeln!(script, "{wish}").unwrap();
                }
                writeln!(script, "-m\n-q\n-overwrite_original\n{}\n-execute", path.display()).unwrap();
            }
            made.push(path);
        }
    }
    let script = folder.write("script", script.as_bytes());
    let written = Command::new("exiftool").arg("-@").arg(script).output().expect(NEEDED);
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    made
}

#[tokio::test]
async fn exiftool_finds_nothing_but_the_form_of_two_hundred_files() {
    let (folder, tools) = (Folder::new(), tools());
    let files = files(&folder);
    assert_eq!(files.len(), 200);
    let planted = told(&folder.path("in"));
    assert_eq!(planted.len(), 200);
    for file in &planted {
        let marks = file.values().filter(|value| value.to_string().contains(MARK)).count();
        let places = file.iter().filter(|(name, _)| name.contains("GPS") || name.ends_with("Location")).count();
        assert!(marks >= 2 && places >= 1, "too little was planted: {file:#?}");
    }

    std::fs::create_dir(folder.path("out")).unwrap();
    for (number, path) in files.iter().enumerate() {
        let mut bytes = std::fs::read(path).unwrap();
        bytes.extend_from_slice(format!("<!-- {MARK} after the end -->").as_bytes());
        std::fs::write(path, &bytes).unwrap();
        if let Ok(picture) = Picture::open(&bytes) {
            let served = picture.served();
            folder.write(&format!("out/{number}.{}", served.kind.extension()), &served.bytes);
            folder.write(&format!("out/{number}.thumbnail.jpg"), &picture.thumbnail());
        } else {
            let header = tools.probe(path).await.unwrap();
            let output = folder.path(&format!("out/{number}.{}", header.served_kind().extension()));
            tools.rewrite(&header, path, &output).await.unwrap();
            tools.poster(&header, path, &folder.path(&format!("out/{number}.thumbnail.jpg"))).await.unwrap();
        }
    }
    let served = told(&folder.path("out"));
    assert_eq!(served.len(), 400);
    let form: BTreeSet<&str> = FORM.split_whitespace().collect();
    let mut more = BTreeSet::new();
    for file in &served {
        // What exiftool has no name for is in the bytes.
        let bytes = std::fs::read(file["SourceFile"].as_str().unwrap()).unwrap();
        assert!(!bytes.windows(MARK.len()).any(|part| part == MARK.as_bytes()), "{}", file["SourceFile"]);
        for (name, value) in file {
            let (group, short) = name.split_once(':').unwrap_or(("System", name));
            let told = value.to_string();
            let is_form = form.contains(short) && (!short.ends_with("Date") || told.starts_with("\"0000:00:00"));
            // What it says of itself and of the folder.
            if !["System", "ExifTool"].contains(&group) && (!is_form || told.contains(MARK)) {
                more.insert(format!("{name} {told}"));
            }
        }
    }
    assert!(more.is_empty(), "{more:#?}");
}
