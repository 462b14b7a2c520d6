//! What the bucket answers: the operations of S3 that the services and their tools use. Everything else is 501.
//!
//! Signatures, expiry and the form of requests are the business of `s3s`, before anything here is called.

use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput, CompleteMultipartUploadOutput,
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, CreateBucketInput, CreateBucketOutput,
    CreateMultipartUploadInput, CreateMultipartUploadOutput, DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput,
    DeleteObjectsOutput, DeletedObject, ETag, ETagCondition, GetObjectInput, GetObjectOutput, HeadBucketInput,
    HeadBucketOutput, HeadObjectInput, HeadObjectOutput, ListObjectsV2Input, ListObjectsV2Output, MetadataDirective,
    PutObjectInput, PutObjectOutput, StreamingBlob, Timestamp, UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

use crate::store::uploads::CompleteError;
use crate::store::{Attributes, Object, Overwrite, Store, WriteError};

/// The one bucket.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) store: Arc<Store>,
}

impl Bucket {
    fn named(&self, bucket: &str) -> S3Result<&Store> {
        if bucket == self.name { Ok(&self.store) } else { Err(s3_error!(NoSuchBucket)) }
    }

    fn object(&self, bucket: &str, key: &str) -> S3Result<Arc<Object>> {
        self.named(bucket)?.find(key).ok_or_else(|| s3_error!(NoSuchKey))
    }
}

/// `If-None-Match: *`: an object that exists stays as it is.
fn overwrite(if_none_match: Option<&ETagCondition>) -> S3Result<Overwrite> {
    match if_none_match {
        None => Ok(Overwrite::Yes),
        Some(ETagCondition::Any) => Ok(Overwrite::No),
        Some(ETagCondition::ETag(_)) => Err(s3_error!(NotImplemented, "only `If-None-Match: *`")),
    }
}

fn etag(object: &Object) -> Option<ETag> {
    Some(ETag::Strong(object.etag.clone()))
}

fn modified(object: &Object) -> Option<Timestamp> {
    Some(Timestamp::from(object.modified))
}

fn size(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

impl From<WriteError> for S3Error {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Exists => s3_error!(PreconditionFailed, "the object exists"),
            WriteError::Body => s3_error!(IncompleteBody),
            WriteError::Io(error) => disk(error),
        }
    }
}

impl From<CompleteError> for S3Error {
    fn from(error: CompleteError) -> Self {
        match error {
            CompleteError::NoSuchUpload => s3_error!(NoSuchUpload),
            CompleteError::InvalidPart => s3_error!(InvalidPart),
            CompleteError::Order => s3_error!(InvalidPartOrder),
            CompleteError::TooSmall => s3_error!(EntityTooSmall),
            CompleteError::Write(error) => error.into(),
        }
    }
}

fn disk(error: io::Error) -> S3Error {
    S3Error::with_source(S3ErrorCode::InternalError, Box::new(error))
}

#[async_trait]
impl S3 for Bucket {
    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.named(&request.input.bucket)?;
        Ok(S3Response::new(HeadBucketOutput::default()))
    }

    async fn create_bucket(&self, request: S3Request<CreateBucketInput>) -> S3Result<S3Response<CreateBucketOutput>> {
        match self.named(&request.input.bucket) {
            Ok(_) => Err(s3_error!(BucketAlreadyOwnedByYou)),
            Err(_other) => Err(s3_error!(AccessDenied, "there is one bucket alone")),
        }
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let object = self.object(&request.input.bucket, &request.input.key)?;
        let attributes = object.attributes.clone();
        Ok(S3Response::new(HeadObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            content_length: Some(size(object.size)),
            e_tag: etag(&object),
            last_modified: modified(&object),
            content_type: attributes.content_type,
            cache_control: attributes.cache_control,
            content_disposition: attributes.content_disposition,
            content_encoding: attributes.content_encoding,
            metadata: attributes.metadata,
            ..HeadObjectOutput::default()
        }))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = request.input;
        let object = self.object(&input.bucket, &input.key)?;
        let part = input.range.map(|range| range.check(object.size)).transpose()?;
        let content_range = part.as_ref().map(|part| format!("bytes {}-{}/{}", part.start, part.end - 1, object.size));
        let part = part.unwrap_or(0..object.size);
        let length = part.end - part.start;
        // Deleted in this moment.
        let body = self.store.read(&object, part.start, length).await.map_err(|_gone| s3_error!(NoSuchKey))?;
        let attributes = object.attributes.clone();
        Ok(S3Response::new(GetObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            body: Some(StreamingBlob::wrap(body)),
            content_length: Some(size(length)),
            content_range,
            e_tag: etag(&object),
            last_modified: modified(&object),
            content_type: input.response_content_type.or(attributes.content_type),
            cache_control: attributes.cache_control,
            content_disposition: input.response_content_disposition.or(attributes.content_disposition),
            content_encoding: attributes.content_encoding,
            metadata: attributes.metadata,
            ..GetObjectOutput::default()
        }))
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let input = request.input;
        let store = self.named(&input.bucket)?;
        let overwrite = overwrite(input.if_none_match.as_ref())?;
        let body = input.body.ok_or_else(|| s3_error!(IncompleteBody))?;
        let draft = store.draft(body).await?;
        let attributes = Attributes {
            content_type: input.content_type,
            cache_control: input.cache_control,
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding,
            metadata: input.metadata,
        };
        let object = store.commit(input.key, &draft, attributes, overwrite)?;
        Ok(S3Response::new(PutObjectOutput { e_tag: etag(&object), ..PutObjectOutput::default() }))
    }

    async fn copy_object(&self, request: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        let input = request.input;
        let store = self.named(&input.bucket)?;
        let CopySource::Bucket { bucket, key, .. } = &input.copy_source else { return Err(s3_error!(NotImplemented)) };
        let from = self.object(bucket, key)?;
        let replaced = input.metadata_directive.is_some_and(|it| it.as_str() == MetadataDirective::REPLACE);
        let attributes = if replaced {
            Attributes {
                content_type: input.content_type,
                cache_control: input.cache_control,
                content_disposition: input.content_disposition,
                content_encoding: input.content_encoding,
                metadata: input.metadata,
            }
        } else {
            from.attributes.clone()
        };
        let bytes = store.read(&from, 0, from.size).await.map_err(|_gone| s3_error!(NoSuchKey))?;
        let draft = store.draft(bytes).await?;
        let object = store.commit(input.key, &draft, attributes, Overwrite::Yes)?;
        let copied =
            CopyObjectResult { e_tag: etag(&object), last_modified: modified(&object), ..CopyObjectResult::default() };
        Ok(S3Response::new(CopyObjectOutput { copy_object_result: Some(copied), ..CopyObjectOutput::default() }))
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.named(&request.input.bucket)?.delete(&request.input.key).map_err(disk)?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let store = self.named(&request.input.bucket)?;
        let mut deleted = Vec::new();
        for object in request.input.delete.objects {
            store.delete(&object.key).map_err(disk)?;
            deleted.push(DeletedObject { key: Some(object.key), ..DeletedObject::default() });
        }
        Ok(S3Response::new(DeleteObjectsOutput { deleted: Some(deleted), ..DeleteObjectsOutput::default() }))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        let store = self.named(&input.bucket)?;
        if input.delimiter.is_some() {
            return Err(s3_error!(NotImplemented, "the listing knows no folders"));
        }
        let limit = usize::try_from(input.max_keys.unwrap_or(1000)).unwrap_or_default().min(1000);
        let prefix = input.prefix.as_deref().unwrap_or_default();
        // The token is the last key that was told.
        let after = input.continuation_token.as_deref().or(input.start_after.as_deref());
        let (objects, more) = store.list(prefix, after, limit);
        let next = objects.last().filter(|_| more).map(|object| object.key.clone());
        let contents = objects.iter().map(|object| s3s::dto::Object {
            key: Some(object.key.clone()),
            size: Some(size(object.size)),
            e_tag: etag(object),
            last_modified: modified(object),
            ..s3s::dto::Object::default()
        });
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(self.name.clone()),
            prefix: input.prefix.clone(),
            max_keys: i32::try_from(limit).ok(),
            key_count: i32::try_from(objects.len()).ok(),
            is_truncated: Some(more),
            next_continuation_token: next,
            contents: Some(contents.collect()),
            continuation_token: input.continuation_token,
            start_after: input.start_after,
            ..ListObjectsV2Output::default()
        }))
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let input = request.input;
        let attributes = Attributes {
            content_type: input.content_type,
            cache_control: input.cache_control,
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding,
            metadata: input.metadata,
        };
        let id = self.named(&input.bucket)?.begin_upload(input.key.clone(), attributes);
        Ok(S3Response::new(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            ..CreateMultipartUploadOutput::default()
        }))
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        let input = request.input;
        let store = self.named(&input.bucket)?;
        let body = input.body.ok_or_else(|| s3_error!(IncompleteBody))?;
        let part = store.draft(body).await?;
        let etag = store.add_part(&input.upload_id, &input.key, input.part_number, part);
        let etag = etag.ok_or_else(|| s3_error!(NoSuchUpload))?;
        Ok(S3Response::new(UploadPartOutput { e_tag: Some(ETag::Strong(etag)), ..UploadPartOutput::default() }))
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = request.input;
        let store = self.named(&input.bucket)?;
        let overwrite = overwrite(input.if_none_match.as_ref())?;
        let named = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
        let named = named.into_iter().map(|part| Some((part.part_number?, part.e_tag?.into_value())));
        let named: Vec<_> = named.collect::<Option<_>>().ok_or_else(|| s3_error!(InvalidPart))?;
        let object = store.complete_upload(&input.upload_id, &input.key, &named, overwrite).await?;
        Ok(S3Response::new(CompleteMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: etag(&object),
            ..CompleteMultipartUploadOutput::default()
        }))
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        if self.named(&request.input.bucket)?.abort_upload(&request.input.upload_id) {
            Ok(S3Response::new(AbortMultipartUploadOutput::default()))
        } else {
            Err(s3_error!(NoSuchUpload))
        }
    }
}

/// As HTTP writes it.
pub(crate) fn http_date(time: SystemTime) -> String {
    let mut text = Vec::new();
    let written = Timestamp::from(time).format(s3s::dto::TimestampFormat::HttpDate, &mut text);
    written.ok().and_then(|()| String::from_utf8(text).ok()).unwrap_or_default()
}
