//! Products.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use access_token::Account;
use protocol::catalog::v1::{
    Category, ChangeCategoryRequest, ChangeImageRequest, ChangeProductRequest, ChangeStockRequest, ChangeStockResponse,
    CountAllProductsRequest, CountProductsRequest, CreateCategoryRequest, DeleteCategoryRequest, DeleteImageRequest,
    DeleteProductRequest, GetProductRequest, LinkImageRequest, ListBrandsRequest, ListBrandsResponse,
    ListCategoriesRequest, ListOwnProductsRequest, ListProductsRequest, ListProductsResponse, Product, ProductCounts,
    ProductWritten, PublishProductRequest, SuggestRequest, Suggestion, ViewProductRequest, ViewProductResponse,
};

use super::{Effort, READ, Upstream, WRITE};
use crate::http::error::ApiError;

type Who<'a> = Option<&'a Arc<Account>>;

/// A seller's page does not wait long for how much the seller has on sale.
const COUNT: Duration = Duration::from_millis(800);

/// Done twice it is as if it had been done once.
const LINK: Effort = Effort { is_repeatable: true, ..WRITE };

impl Upstream {
    /// As guests see them: the answer is everybody's.
    pub async fn list_products(&self, message: ListProductsRequest) -> Result<ListProductsResponse, ApiError> {
        let request = self.request(message, None, READ);
        Ok(self.catalog.clone().list_products(request).await?.into_inner())
    }

    pub async fn list_own_products(
        &self,
        message: ListOwnProductsRequest,
        who: Who<'_>,
    ) -> Result<ListProductsResponse, ApiError> {
        let request = self.request(message, who, READ);
        Ok(self.catalog.clone().list_own_products(request).await?.into_inner())
    }

    pub async fn get_product(&self, message: GetProductRequest, who: Who<'_>) -> Result<Product, ApiError> {
        let request = self.request(message, who, READ);
        Ok(self.catalog.clone().get_product(request).await?.into_inner())
    }

    pub async fn publish_product(
        &self,
        message: PublishProductRequest,
        who: Who<'_>,
    ) -> Result<ProductWritten, ApiError> {
        let effort = WRITE.keyed(message.key.as_ref());
        let request = self.request(message, who, effort);
        Ok(self.catalog.clone().publish_product(request).await?.into_inner())
    }

    pub async fn change_product(
        &self,
        message: ChangeProductRequest,
        who: Who<'_>,
    ) -> Result<ProductWritten, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.catalog.clone().change_product(request).await?.into_inner())
    }

    pub async fn delete_product(
        &self,
        message: DeleteProductRequest,
        who: Who<'_>,
    ) -> Result<ProductWritten, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.catalog.clone().delete_product(request).await?.into_inner())
    }

    pub async fn change_image(&self, message: ChangeImageRequest, who: Who<'_>) -> Result<ProductWritten, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.catalog.clone().change_image(request).await?.into_inner())
    }

    pub async fn delete_image(&self, message: DeleteImageRequest, who: Who<'_>) -> Result<ProductWritten, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.catalog.clone().delete_image(request).await?.into_inner())
    }

    /// Repeated for one upload it changes nothing.
    pub async fn link_image(&self, upload_id: String, who: Who<'_>) -> Result<ProductWritten, ApiError> {
        let request = self.request(LinkImageRequest { upload_id }, who, LINK);
        Ok(self.catalog.clone().link_image(request).await?.into_inner())
    }

    pub async fn change_stock(
        &self,
        message: ChangeStockRequest,
        who: Who<'_>,
    ) -> Result<ChangeStockResponse, ApiError> {
        let effort = WRITE.keyed(message.key.as_ref());
        let request = self.request(message, who, effort);
        Ok(self.catalog.clone().change_stock(request).await?.into_inner())
    }

    pub async fn view_product(
        &self,
        message: ViewProductRequest,
        who: Who<'_>,
    ) -> Result<ViewProductResponse, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.catalog.clone().view_product(request).await?.into_inner())
    }

    pub async fn list_categories(&self) -> Result<Vec<Category>, ApiError> {
        let request = self.request(ListCategoriesRequest {}, None, READ);
        Ok(self.catalog.clone().list_categories(request).await?.into_inner().categories)
    }

    pub async fn create_category(&self, message: CreateCategoryRequest, who: Who<'_>) -> Result<Category, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.catalog.clone().create_category(request).await?.into_inner())
    }

    pub async fn change_category(&self, message: ChangeCategoryRequest, who: Who<'_>) -> Result<Category, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.catalog.clone().change_category(request).await?.into_inner())
    }

    pub async fn delete_category(&self, message: DeleteCategoryRequest, who: Who<'_>) -> Result<Category, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.catalog.clone().delete_category(request).await?.into_inner())
    }

    pub async fn list_brands(&self, message: ListBrandsRequest) -> Result<ListBrandsResponse, ApiError> {
        let request = self.request(message, None, READ);
        Ok(self.catalog.clone().list_brands(request).await?.into_inner())
    }

    pub async fn suggest(&self, message: SuggestRequest) -> Result<Vec<Suggestion>, ApiError> {
        let request = self.request(message, None, READ);
        Ok(self.catalog.clone().suggest(request).await?.into_inner().suggestions)
    }

    /// How much each seller has on sale.
    pub async fn count_products(&self, seller_ids: Vec<String>) -> Result<HashMap<String, i64>, ApiError> {
        let request = self.own_request(CountProductsRequest { seller_ids }, READ.within(COUNT));
        let answer = self.catalog.clone().count_products(request).await?.into_inner();
        Ok(answer.counts.into_iter().map(|count| (count.seller_id, count.products)).collect())
    }

    pub async fn count_all_products(&self, who: Who<'_>) -> Result<ProductCounts, ApiError> {
        let request = self.request(CountAllProductsRequest {}, who, READ);
        Ok(self.catalog.clone().count_all_products(request).await?.into_inner())
    }
}
